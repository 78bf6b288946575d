import { type Group, matiGatewayAbi, matiTokenAbi, quoterV2Abi, rateOracleAbi, settlerAbi, type Side } from '@mati/sdk'
import { type Address, decodeFunctionData, encodeErrorResult, encodeFunctionResult, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { runSettlement, type SettleAction } from '../src/jobs/settle.ts'
import { fakeChain, here } from './support/chain.ts'
import { address } from './support/views.ts'

const abi = [...settlerAbi, ...quoterV2Abi, ...rateOracleAbi, ...matiTokenAbi, ...matiGatewayAbi]
const [x, y] = [here.contracts.token, here.external.wrappedNative]
const toY: Group = { token: x, asset: y, eid: here.eid, tier: 0 }
/** Across, where y stands for what the gateway carries. */
const across: Group = { ...toY, eid: here.eid + 1 }
const toX: Group = { token: y, asset: x, eid: here.eid, tier: 0 }
const [first, second, third] = [address(11), address(12), address(13)]
const par = { wad: 10n ** 18n, baseDecimals: 18, quoteDecimals: 18, updatedAt: 1, baseRoundId: 1n, quoteRoundId: 1n }
const lowerCase = (addresses: readonly Address[]) => addresses.map((one) => one.toLowerCase() as Address)

type World = {
  /** What each merchant has, in the token that its group settles. */
  balances: Record<Address, bigint>
  /** Up to so much the pool gives one for one; for more it gives half. */
  depth: bigint
  /** Below that a member waits, as too small. */
  dust?: bigint
  refusesCrossing?: boolean
  minSettleUsdWad?: bigint
  /** What gateways may send to other chains now. */
  room?: bigint
}

type Settled =
  { name: string; merchants: Address[]; maxAmountIn?: bigint } | { name: string; covered: Address[]; other: Address[] }

/** A market of two tokens, one for one, with a pool that has little room; no allowance, so each must bring its value. */
function startMarket({ balances, depth, dust = 1n, refusesCrossing = false, minSettleUsdWad = 0n, room = 0n }: World) {
  let quotes = 0

  function preview(group: Group, merchants: readonly Address[], most: bigint): Hex {
    let amountIn = 0n
    const eligible = lowerCase(merchants).map((merchant) => {
      const amount = [balances[merchant] ?? 0n, most - amountIn].reduce((a, b) => (a < b ? a : b))
      if (amount < dust) return false
      amountIn += amount
      return true
    })
    const result = [amountIn, amountIn, group.asset, 0n, eligible] as const
    return encodeFunctionResult({ abi, functionName: 'previewPart', result })
  }

  function call(data: Hex): Hex {
    const { functionName, args } = decodeFunctionData({ abi, data })
    switch (functionName) {
      case 'preview':
        return preview(args[0], args[1], 2n ** 256n - 1n)
      case 'previewPart':
        return preview(args[0], args[1], args[2])
      case 'quoteMessage':
        return encodeFunctionResult({ abi, functionName, result: 0n })
      case 'available':
        return encodeFunctionResult({ abi, functionName, result: [0n, 0n, room, 0n] })
      case 'MAX_PAYOUTS':
        return encodeFunctionResult({ abi, functionName, result: 100n })
      case 'quoteExactInput': {
        quotes++
        const [, amount] = args
        return encodeFunctionResult({ abi, functionName, result: [amount <= depth ? amount : amount / 2n, [], [], 0n] })
      }
      case 'rate':
        return encodeFunctionResult({ abi, functionName, result: par })
      case 'settlementRate':
        return encodeFunctionResult({ abi, functionName, result: [par, 10n ** 18n] })
      default:
        throw new Error(`${functionName} was not expected`)
    }
  }

  function settledBy(data: Hex): Settled {
    const { functionName: name, args } = decodeFunctionData({ abi: settlerAbi, data })
    if (name === 'settle') return { name, merchants: lowerCase(args[1]) }
    if (name === 'settlePart') return { name, merchants: lowerCase(args[1]), maxAmountIn: args[2] }
    if (name !== 'settleCrossed') throw new Error(`${name} was not expected`)
    return { name, covered: lowerCase(args[0].merchants), other: lowerCase(args[1].merchants) }
  }

  const revert = encodeErrorResult({ abi: settlerAbi, errorName: 'Settler_BelowBound', args: [1n, 2n] })
  const { chain, sent } = fakeChain({
    call,
    pools: [{ tokenA: x, tokenB: y, fee: 500 }],
    estimate: (data) => (refusesCrossing && settledBy(data).name === 'settleCrossed' ? revert : 21_000n),
  })
  const run = (side: Side, opposite: Side | null = null) => {
    const action: SettleAction = { chainId: here.chainId, ...side, opposite }
    return runSettlement({ chain, signal: new AbortController().signal }, action, { minSettleUsdWad })
  }
  return {
    run,
    quotes: () => quotes,
    settled: () => sent.map(({ data }) => settledBy(data)),
    keys: () => sent.map(({ key }) => key),
  }
}

describe('a group that the pool cannot take at once', () => {
  test('is settled without those who wait least, while one remains', async () => {
    const { run, settled } = startMarket({ balances: { [first]: 60n, [second]: 60n, [third]: 60n }, depth: 100n })
    expect(await run({ group: toY, merchants: [third, first, second] })).toMatchObject({ status: 'done' })
    expect(settled()).toEqual([{ name: 'settle', merchants: [third] }])
  })

  test('is settled for a part of the one who waits longest, as large as the pool takes', async () => {
    const { run, settled } = startMarket({ balances: { [first]: 60n, [second]: 1_000n }, depth: 300n })
    expect(await run({ group: toY, merchants: [second, first] })).toMatchObject({ status: 'done' })
    expect(settled()).toEqual([{ name: 'settlePart', merchants: [second], maxAmountIn: 250n }])
  })

  test('goes to another chain as far as the limit of what gateways may send lets it', async () => {
    const both = { [first]: 60n, [second]: 60n }
    const whole = startMarket({ balances: both, depth: 1_000n, room: 120n })
    expect(await whole.run({ group: across, merchants: [second, first] })).toMatchObject({ status: 'done' })
    expect(whole.settled()).toEqual([{ name: 'settle', merchants: [first, second] }])

    const one = startMarket({ balances: both, depth: 1_000n, room: 119n })
    expect(await one.run({ group: across, merchants: [second, first] })).toMatchObject({ status: 'done' })
    expect(one.settled()).toEqual([{ name: 'settle', merchants: [second] }])

    const part = startMarket({ balances: both, depth: 1_000n, room: 20n })
    expect(await part.run({ group: across, merchants: [second, first] })).toMatchObject({ status: 'done' })
    expect(part.settled()).toEqual([{ name: 'settlePart', merchants: [second], maxAmountIn: 15n }])

    const none = startMarket({ balances: both, depth: 1_000n, room: 2n })
    expect(await none.run({ group: across, merchants: [second, first] })).toEqual({
      status: 'later',
      reason: '3 are to be sent, of which the limit lets pass 2 now',
    })
    expect(none.settled()).toEqual([])
  })

  test('waits for a pool that takes not even a small part', async () => {
    const { run, settled, quotes } = startMarket({ balances: { [first]: 1_600n }, depth: 99n })
    expect(await run({ group: toY, merchants: [first] })).toEqual({
      status: 'later',
      reason: 'the best path gives 50 of at least 100',
    })
    expect(quotes()).toBe(5)
    expect(settled()).toEqual([])
  })

  test('waits for the pool where a part would not be worth its way', async () => {
    const { run, settled } = startMarket({ balances: { [first]: 1_000n }, depth: 100n, dust: 300n })
    expect(await run({ group: toY, merchants: [first] })).toEqual({
      status: 'later',
      reason: 'the best path gives 250 of at least 500',
    })
    expect(settled()).toEqual([])
  })

  test('waits where a part would be worth less than the keeper settles', async () => {
    const { run } = startMarket({ balances: { [first]: 1_000n }, depth: 300n, minSettleUsdWad: 400n })
    expect(await run({ group: toY, merchants: [first] })).toMatchObject({ reason: expect.stringContaining('_USD') })
  })
})

describe('two opposite groups', () => {
  const sides = [
    { group: toY, merchants: [first, second] },
    { group: toX, merchants: [third] },
  ] as const

  test('give each other what they have, and only the rest goes through the pool', async () => {
    const { run, settled, keys } = startMarket({
      balances: { [first]: 400n, [second]: 400n, [third]: 1_000n },
      depth: 200n,
    })
    expect(await run(...sides)).toMatchObject({ status: 'done' })
    expect(settled()).toEqual([{ name: 'settleCrossed', covered: [first, second], other: [third] }])
    expect(keys()).toEqual([`settle:${x}:${y}:${here.eid}:0+${y}:${x}:${here.eid}:0`])
  })

  test('need no pool where both have the same', async () => {
    const { run, settled, quotes } = startMarket({
      balances: { [first]: 400n, [second]: 600n, [third]: 1_000n },
      depth: 0n,
    })
    expect(await run(...sides)).toMatchObject({ status: 'done' })
    expect(settled()).toHaveLength(1)
    expect(quotes()).toBe(0)
  })

  test('are crossed without those who wait least, if the pool has no room for the rest', async () => {
    const { run, settled } = startMarket({ balances: { [first]: 400n, [second]: 400n, [third]: 350n }, depth: 60n })
    expect(await run(...sides)).toMatchObject({ status: 'done' })
    expect(settled()).toEqual([{ name: 'settleCrossed', covered: [third], other: [first] }])
  })

  test('are settled apart, as far as the pool goes, if it has no room for the rest at all', async () => {
    const { run, settled } = startMarket({ balances: { [first]: 100n, [third]: 400n }, depth: 100n })
    const [a, b] = sides
    expect(await run({ ...a, merchants: [first] }, b)).toMatchObject({ status: 'done', hashes: { length: 2 } })
    expect(settled()).toEqual([
      { name: 'settle', merchants: [first] },
      { name: 'settlePart', merchants: [third], maxAmountIn: 100n },
    ])
  })

  test('are settled apart if the settler refuses to cross them', async () => {
    const balances = { [first]: 400n, [second]: 400n, [third]: 1_000n }
    const { run, settled } = startMarket({ balances, depth: 2_000n, refusesCrossing: true })
    expect(await run(...sides)).toMatchObject({ status: 'done', hashes: { length: 2 } })
    expect(settled().map(({ name }) => name)).toEqual(['settle', 'settle'])
  })

  test('are settled apart if one of them has nobody to be settled', async () => {
    const { run, settled } = startMarket({ balances: { [first]: 400n, [second]: 400n }, depth: 2_000n })
    expect(await run(...sides)).toMatchObject({ status: 'done' })
    expect(settled()).toEqual([{ name: 'settle', merchants: [first, second] }])
  })
})
