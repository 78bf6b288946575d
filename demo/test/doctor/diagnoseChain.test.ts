import { diagnoseChain } from '@mati/contracts/script/doctor/diagnoseChain'
import { describe, expect, test } from 'vitest'
import { at, chain, one, remedies, seen } from './samples.ts'

const found = (changes: Partial<typeof seen>, declared: Partial<typeof chain> | { config: null } = {}) =>
  diagnoseChain({ ...chain, ...declared }, { ...seen, ...changes }, remedies).map(
    ({ check, found }) => `${check}: ${found}`,
  )
const { deployer, roles } = chain.config
const admin = roles.admin.account

describe('diagnoseChain', () => {
  test('finds nothing where all is as declared, with a config or without', () => {
    expect(found({})).toEqual([])
    expect(found({}, { config: null })).toEqual([])
  })

  test('names contracts that are not there, and looks no further', () => {
    const codeless = [{ name: 'gateway', address: at(9) }]
    expect(diagnoseChain(chain, { status: 'codeless', codeless }, remedies)).toEqual([
      {
        check: 'code',
        found: `no code at ${at(9)}`,
        expected: 'the contract gateway',
        mend: 'Correct the deployment file, or pass a node of the chain that it was written for.',
      },
    ])
  })

  test('finds the endpoint of another chain', () => {
    expect(found({ eid: 7 })).toEqual(['chain: endpoint id 7'])
  })

  test('finds an owner, an authority or a delegate that is not the access manager', () => {
    expect(found({ owner: at(9) })).toEqual([`owner: owner of the token is ${at(9)}`])
    expect(found({ authorities: { ...seen.authorities, settler: at(9) } })).toEqual([
      `owner: authority of the settler is ${at(9)}`,
    ])
    expect(found({ delegate: at(9) })).toEqual([`delegate: the token's delegate is ${at(9)}`])
  })

  test('finds holders that nobody declared, the deployer by name', () => {
    const extra = { account: deployer, delaySeconds: 0 }
    expect(found({ holders: [...seen.holders, { ...extra, role: 'admin' }] })).toEqual([
      `roles: the deployer ${deployer} is admin, after 0 s`,
    ])
    expect(found({ holders: [...seen.holders, { ...extra, role: 'config', account: at(9) }] })).toEqual([
      `roles: ${at(9)} is config, after 0 s`,
    ])
  })

  test('finds declared holders that are none, or wait another time', () => {
    expect(found({ holders: seen.holders.slice(0, 1) })).toEqual([
      `roles: ${roles.guardians[0]?.account} is not guardian`,
    ])
    const hasty = seen.holders.map((holder) => ({ ...holder, delaySeconds: 0 }))
    expect(found({ holders: hasty })).toEqual([`roles: admin ${admin} waits 0 s`])
  })

  test('without a config, wants every admin to wait', () => {
    const hasty = seen.holders.map((holder) => ({ ...holder, delaySeconds: 0 }))
    expect(found({ holders: hasty }, { config: null })).toEqual([`roles: admin ${admin} waits for nothing`])
  })

  test('warns where not every holder could be asked for', () => {
    const symptoms = diagnoseChain(chain, { ...seen, isHolderListComplete: false }, remedies)
    expect(symptoms).toMatchObject([{ check: 'roles', severity: 'warning' }])
    expect(symptoms[0]?.mend).toBe(`Pass --rpc with a node that answers eth_getLogs from block ${one.startBlock}.`)
  })
})
