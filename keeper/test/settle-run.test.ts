import { type Group, matiGatewayAbi, matiTokenAbi, merchantRegistryAbi, settlerAbi } from '@mati/sdk'
import { type Address, concat, decodeFunctionData, encodeErrorResult, encodeFunctionResult, type Hex, pad } from 'viem'
import { describe, expect, test } from 'vitest'
import { runSettlement } from '../src/jobs/settle.ts'
import { fakeChain, here } from './support/chain.ts'
import { address } from './support/views.ts'

const abi = [...settlerAbi, ...matiGatewayAbi, ...matiTokenAbi, ...merchantRegistryAbi]
const { token } = here.contracts
const local: Group = { token, asset: token, eid: here.eid, tier: 0 }
const remote: Group = { ...local, eid: 40_002 }
const merchants = (count: number) => Array.from({ length: count }, (_, i) => address(1_000 + count - i))
/** As the index has them, whatever case viem decodes to. */
const lowerCase = (addresses: readonly Address[]) => addresses.map((one) => one.toLowerCase() as Address)

type World = {
  maxPayouts?: bigint
  dust?: Set<Address>
  fits?: (members: Address[]) => boolean
  /** Whom the token refuses. */
  blocked?: Set<Address>
  /** Who is paid for a merchant; it alone if left out. */
  recipients?: (merchant: Address) => { account: Address; shareBps?: number }[]
  /** What the token answers to a transfer. */
  transferred?: Hex
}

/** A chain whose settler takes everybody but dust, if the gas suffices; and who was settled together. */
function startChain({
  maxPayouts = 100n,
  dust = new Set(),
  fits = () => true,
  blocked = new Set(),
  recipients = (merchant) => [{ account: merchant }],
  transferred = pad('0x01'),
}: World = {}) {
  const asked: string[] = []

  function call(data: Hex): Hex {
    const { functionName, args } = decodeFunctionData({ abi, data })
    asked.push(functionName)
    if (functionName === 'MAX_PAYOUTS') return encodeFunctionResult({ abi, functionName, result: maxPayouts })
    if (functionName === 'available') return encodeFunctionResult({ abi, functionName, result: [0n, 0n, 10n, 0n] })
    if (functionName === 'quoteMessage') return encodeFunctionResult({ abi, functionName, result: 5n })
    if (functionName === 'recipients') {
      const [merchant] = lowerCase([args[0]]) as [Address]
      const result = recipients(merchant).map((recipient) => ({ shareBps: 10_000, ...recipient }))
      return encodeFunctionResult({ abi, functionName, result })
    }
    if (functionName === 'transfer') {
      const [to] = lowerCase([args[0]]) as [Address]
      if (blocked.has(to)) throw Object.assign(new Error('execution reverted'), { data: '0x' })
      return transferred
    }
    if (functionName !== 'preview') throw new Error(`${functionName} was not expected`)
    const eligible = lowerCase(args[1]).map((merchant) => !dust.has(merchant))
    return encodeFunctionResult({ abi, functionName, result: [10n, 10n, token, 0n, eligible] })
  }

  function membersIn(data: Hex): Address[] {
    const { functionName, args } = decodeFunctionData({ abi, data })
    if (functionName !== 'settle') throw new Error(`${functionName} was not expected`)
    return lowerCase(args[1])
  }

  const revert = encodeErrorResult({ abi, errorName: 'Settler_InsufficientGas', args: [1n, 2n] })
  const { chain, sent } = fakeChain({ call, estimate: (data) => (fits(membersIn(data)) ? 21_000n : revert) })
  const settled = () => sent.map(({ data }) => membersIn(data))
  const run = (group: Group, members: Address[]) =>
    runSettlement(
      { chain, signal: new AbortController().signal },
      { chainId: here.chainId, group, merchants: members, opposite: null },
      { minSettleUsdWad: 0n },
    )
  return { run, settled, asked }
}

describe('runSettlement', () => {
  test('puts no more members into a message than the gateway takes, those who wait longest first', async () => {
    const { run, settled, asked } = startChain()
    const members = merchants(250)
    const outcome = await run(remote, members)
    expect(outcome).toMatchObject({ status: 'done', hashes: { length: 3 } })
    expect(settled().map((part) => part.length)).toEqual([100, 100, 50])
    expect(settled()[0]?.toSorted()).toEqual(members.slice(0, 100).toSorted())
    await run(remote, members)
    expect(asked.filter((name) => name === 'MAX_PAYOUTS')).toHaveLength(1)
  })

  test('puts no more members into a transaction than its gas suffices for', async () => {
    const { run, settled } = startChain()
    await run(local, merchants(250))
    expect(settled().map((part) => part.length)).toEqual([124, 124, 2])
  })

  test('settles others behind a message full of those who cannot be', async () => {
    const members = merchants(101)
    const { run, settled } = startChain({ dust: new Set(members.slice(0, 100)) })
    expect(await run(remote, members)).toMatchObject({ status: 'done' })
    expect(settled()).toEqual([[members[100]]])
  })

  test('settles everybody but the member whom no gas suffices for', async () => {
    const members = merchants(9)
    const costly = members[4] as Address
    const { run, settled } = startChain({ fits: (part) => !part.includes(costly) })
    expect(await run(local, members)).toMatchObject({ status: 'done' })
    expect(settled().flat().toSorted()).toEqual(members.filter((merchant) => merchant !== costly).toSorted())
    await expect(run(local, [costly])).rejects.toMatchObject({ code: 'REVERT_Settler_InsufficientGas' })
  })

  test('leaves out whom the token blocks: what were taken from it would be credited to it again', async () => {
    const members = merchants(3)
    const [blocked, paidElsewhere] = members as [Address, Address]
    const { run, settled } = startChain({
      blocked: new Set([blocked, paidElsewhere]),
      recipients: (merchant) => (merchant === paidElsewhere ? [{ account: address(2_000) }] : [{ account: merchant }]),
    })
    expect(await run(local, members)).toMatchObject({ status: 'done' })
    expect(settled().map((part) => part.toSorted())).toEqual([members.slice(1).toSorted()])
    expect(await run(local, [blocked])).toMatchObject({
      status: 'later',
      reason: expect.stringContaining('cannot be paid'),
    })
    expect(settled()).toHaveLength(1)
  })

  test.each([
    [0, 'later'],
    [1, 'done'],
  ])('with others who have %i bps of what the token blocks: %s', async (shareBps, status) => {
    const [merchant] = merchants(1) as [Address]
    const { run } = startChain({
      blocked: new Set([merchant]),
      recipients: () => [
        { account: merchant, shareBps: 10_000 - shareBps },
        { account: address(2_000), shareBps },
      ],
    })
    expect(await run(local, [merchant])).toMatchObject({ status })
  })

  test('leaves alone what anyone may credit in a token that the deployment does not name', async () => {
    const { run, settled, asked } = startChain()
    const other = address(3)
    expect(await run({ ...local, token: other, asset: other }, merchants(2))).toMatchObject({
      status: 'later',
      reason: expect.stringContaining(other),
    })
    expect([asked, settled()]).toEqual([[], []])
  })

  test('settles for whom the token blocks, and who has no part of it', async () => {
    const [merchant] = merchants(1) as [Address]
    const { run, settled } = startChain({
      blocked: new Set([merchant]),
      recipients: () => [{ account: merchant, shareBps: 0 }, { account: address(2_000) }],
    })
    expect(await run(local, [merchant])).toMatchObject({ status: 'done' })
    expect(settled()).toEqual([[merchant]])
  })

  test.each([
    ['0x', true],
    [pad('0x01'), true],
    [concat([pad('0x01'), pad('0x02')]), true],
    [pad('0x00'), false],
    [pad('0x02'), false],
    ['0x01', false],
  ] as const)('takes %s for an answer as the settler does: paid %s', async (transferred, isPaid) => {
    const { run, settled } = startChain({ transferred })
    await run(local, merchants(1))
    expect(settled()).toHaveLength(isPaid ? 1 : 0)
  })

  test('asks about no more members at a time than it settles', async () => {
    const world = startChain()
    await world.run(local, merchants(250))
    const names = world.asked.join(' ').match(/recipients( recipients)*/g) ?? []
    const most = Math.max(...names.map((together) => together.split(' ').length))
    expect(most).toBeLessThanOrEqual(124)
  })

  test('settles for whom the token blocks what becomes another asset, or goes to another chain', async () => {
    const [blocked] = merchants(1) as [Address]
    const { run, settled } = startChain({ blocked: new Set([blocked]) })
    expect(await run(remote, [blocked])).toMatchObject({ status: 'done' })
    expect(settled()).toEqual([[blocked]])
  })

  test('leaves out whose part goes to the escrow, from where it is credited to it again', async () => {
    const [merchant] = merchants(1) as [Address]
    const { run, settled } = startChain({ recipients: () => [{ account: here.contracts.escrow }] })
    expect(await run(local, [merchant])).toMatchObject({ status: 'later' })
    expect(settled()).toEqual([])
  })
})
