import { afterEach, expect, test, vi } from 'vitest'
import { runDoctor } from '@mati/contracts/script/doctor'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findFreePort, localChains, startDevnet } from '@mati/devnet'
import { readDeclarations, writeDeclarations } from '../../src/declarations.ts'
import { deployLocal } from '../../src/deployment.ts'
import { asAdmin, privileged } from '../../src/doctor/fault.ts'
import { faults } from '../../src/doctor/faults.ts'
import { refusals } from '../../src/doctor/refusals.ts'
import { selfTest } from '../../src/doctor/selfTest.ts'
import { matiTokenAbi } from '@mati/sdk'
import { zeroHash } from 'viem'

afterEach(() => vi.restoreAllMocks())

test('the doctor finds every fault on real chains, and wiring mends what it says it mends', async () => {
  const rows = await selfTest({ onStep: () => {}, onRow: () => {} })

  expect(rows.filter(({ isCaught }) => !isCaught)).toEqual([])
  expect(rows.map(({ fault }) => fault)).toEqual([...faults, ...refusals].map(({ name }) => name))
})

test('a run leaves what the doctor reads: healthy, then with a finding, then unreadable', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mati-doctor-'))
  const said = vi.spyOn(console, 'log').mockImplementation(() => {})
  const complained = vi.spyOn(console, 'error').mockImplementation(() => {})
  const [a, b, c] = await Promise.all([findFreePort(), findFreePort(), findFreePort()])
  const devnet = await startDevnet({ chains: localChains({ a, b, c }) })
  const examine = async () => {
    const input = readDeclarations(folder)
    if (!input) throw new Error('nothing was declared')
    const code = await runDoctor(input, { json: true })
    return { code, json: JSON.parse(said.mock.lastCall?.[0] as string) as Record<string, unknown> }
  }
  try {
    const local = await deployLocal(devnet)
    expect(readDeclarations(folder)).toBeNull()
    writeDeclarations(folder, local)

    expect(await examine()).toMatchObject({ code: 0, json: { status: 'healthy', findings: [] } })

    const [here, there] = local.chains
    if (!here || !there) throw new Error('there are two chains')
    const { token } = here.deployment.contracts
    const site = { here, there, accounts: devnet.accounts }
    await asAdmin(site, privileged(token, matiTokenAbi, 'setPeer', [there.eid, zeroHash]))
    const { code, json } = await examine()
    expect(code).toBe(1)
    expect(json).toMatchObject({
      status: 'findings',
      findings: [{ pathway: '90901-90902', chain: 90_901, check: 'peer', severity: 'error' }],
    })
    expect(JSON.stringify(json)).toContain(`--pathways ${path.join(folder, 'pathways.json')}`)
  } finally {
    await devnet.stop()
  }
  expect(await examine()).toMatchObject({ code: 2, json: { status: 'unreadable' } })
  expect(complained.mock.lastCall?.[0]).toMatch(/No node answers at http:/)
  rmSync(folder, { recursive: true, force: true })
})
