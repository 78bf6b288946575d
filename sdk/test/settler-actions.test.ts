import {
  previewCrossing,
  previewSettlement,
  rateOracleAbi,
  type ReadingClient,
  type SendingClient,
  settle,
  settleCrossed,
  settlePart,
  settlerAbi,
} from '@mati/sdk'
import {
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  decodeFunctionData,
  defineChain,
  encodeFunctionResult,
  type Hash,
  type Hex,
  zeroAddress,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { addressOf, deployment } from './deployments.ts'

const { settler, oracle, solver: solverAddress } = deployment.contracts
const [weth, usdc] = [addressOf(17), addressOf(33)]
const [first, second, third] = [addressOf(101), addressOf(102), addressOf(103)]
const toUsdc = { token: weth, asset: usdc, eid: deployment.eid, tier: 1 }
const toWeth = { token: usdc, asset: weth, eid: deployment.eid, tier: 2 }
const solver = { address: solverAddress, data: '0xbeef' as Hex }

const chain = defineChain({
  id: deployment.chainId,
  name: 'A',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
})

/** The call that an action sends, decoded, and what it is worth in wei. */
async function sentBy(act: (client: SendingClient) => Promise<Hash>) {
  const calls: { to: Address; data: Hex; value?: Hex }[] = []
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (method === 'eth_sendTransaction') calls.push(...(params as typeof calls))
    return method === 'eth_chainId' ? '0x16315' : '0x'
  }
  await act(createWalletClient({ account: first, chain, transport: custom({ request }) }))
  const [{ to, data, value } = { to: zeroAddress, data: '0x' as Hex }] = calls
  expect(to.toLowerCase()).toBe(settler.toLowerCase())
  const { functionName, args } = decodeFunctionData({ abi: settlerAbi, data })
  return [functionName, ...args, BigInt(value ?? 0)]
}

describe('what actions ask of the settler', () => {
  const group = toUsdc
  const merchants = [third, first]
  test.each<[string, (client: SendingClient) => Promise<Hash>, readonly unknown[]]>([
    [
      'settle',
      (client) => settle(client, { deployment, group, merchants, solver, messageFee: 5n }),
      ['settle', group, [first, third], solverAddress, '0xbeef', 5n],
    ],
    [
      'settlePart',
      (client) => settlePart(client, { deployment, group, merchants, solver, maxAmountIn: 7n, messageFee: 5n }),
      ['settlePart', group, [first, third], 7n, solverAddress, '0xbeef', 5n],
    ],
    [
      'settleCrossed',
      (client) =>
        settleCrossed(client, {
          deployment,
          covered: { group, merchants },
          other: { group: toWeth, merchants: [second] },
          solver,
        }),
      [
        'settleCrossed',
        { group, merchants: [first, third] },
        { group: toWeth, merchants: [second] },
        solverAddress,
        '0xbeef',
        0n,
      ],
    ],
    [
      'settleCrossed, with nothing left',
      (client) =>
        settleCrossed(client, {
          deployment,
          covered: { group, merchants },
          other: { group: toWeth, merchants: [second] },
        }),
      [
        'settleCrossed',
        { group, merchants: [first, third] },
        { group: toWeth, merchants: [second] },
        zeroAddress,
        '0x',
        0n,
      ],
    ],
  ])('%s', async (_, act, call) => {
    expect(await sentBy(act)).toEqual(call)
  })
})

const whole = 10n ** 18n
type Balances = { weth: bigint; usdc: bigint; minWeth?: bigint; dust?: Address[] }

/** A chain on which a WETH is worth 2,500 USDC; the settler asks for no allowance unless told. */
function readerOf({ weth: wethIn, usdc: usdcIn, minWeth, dust = [] }: Balances): ReadingClient {
  const abi = [...settlerAbi, ...rateOracleAbi]
  const rateOf = (base: string) =>
    base.toLowerCase() === weth.toLowerCase()
      ? { wad: 2_500n * whole, baseDecimals: 18, quoteDecimals: 6 }
      : { wad: whole / 2_500n, baseDecimals: 6, quoteDecimals: 18 }

  function answer(to: string, data: Hex): Hex {
    const { functionName, args } = decodeFunctionData({ abi, data })
    if (functionName === 'quoteMessage') return encodeFunctionResult({ abi, functionName, result: 0n })
    if (functionName === 'settlementRate') {
      expect(to.toLowerCase()).toBe(oracle.toLowerCase())
      const rate = { ...rateOf(args[0]), updatedAt: 1, baseRoundId: 1n, quoteRoundId: 1n }
      return encodeFunctionResult({ abi, functionName, result: [rate, 0n] })
    }
    if (functionName !== 'preview' && functionName !== 'previewPart') throw new Error(`unexpected ${functionName}`)
    const [group, merchants, most = 2n ** 256n - 1n] = args
    const isWeth = group.token.toLowerCase() === weth.toLowerCase()
    const balance = isWeth ? wethIn : usdcIn
    const amountIn = balance < most ? balance : most
    const least = isWeth ? (amountIn * 2_500n) / 10n ** 12n : (minWeth ?? (amountIn * 10n ** 12n) / 2_500n)
    const isEligible = merchants.map((merchant) => !dust.includes(merchant))
    return encodeFunctionResult({ abi, functionName, result: [amountIn, least, group.asset, 0n, isEligible] })
  }

  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (method !== 'eth_call') throw new Error(`unexpected ${method}`)
    const [{ to, data }] = params as [{ to: string; data: Hex }]
    return answer(to, data)
  }
  return createPublicClient({ chain, transport: custom({ request }) })
}

describe('previewSettlement', () => {
  test('asks for a part where one is named', async () => {
    const client = readerOf({ weth: whole, usdc: 0n })
    const all = { deployment, group: toUsdc, merchants: [first] }
    expect(await previewSettlement(client, all)).toMatchObject({ amountIn: whole, minReceived: 2_500_000_000n })
    expect(await previewSettlement(client, { ...all, maxAmountIn: whole / 4n })).toMatchObject({
      amountIn: whole / 4n,
      minReceived: 625_000_000n,
    })
  })
})

describe('previewCrossing', () => {
  const sides = [
    { group: toUsdc, merchants: [first] },
    { group: toWeth, merchants: [third, second] },
  ] as const
  const [wethSide, usdcSide] = [sides[0], { group: toWeth, merchants: [second, third] }]

  test('covers the side that is worth less, and tells what is left of the other', async () => {
    const client = readerOf({ weth: whole, usdc: 3_000_000_000n })
    const crossing = {
      covered: wethSide,
      other: usdcSide,
      coveredIn: whole,
      otherIn: 3_000_000_000n,
      left: 500_000_000n,
      // 1.2 WETH for 3,000 USDC, of which 1 comes from the covered side.
      minOut: whole / 5n,
    }
    expect(await previewCrossing(client, { deployment, sides })).toEqual(crossing)
    expect(await previewCrossing(client, { deployment, sides: [sides[1], sides[0]] })).toEqual(crossing)
  })

  test('turns around where the other side is worth less', async () => {
    const client = readerOf({ weth: whole, usdc: 1_000_000_000n })
    expect(await previewCrossing(client, { deployment, sides })).toMatchObject({
      covered: usdcSide,
      other: wethSide,
      left: (6n * whole) / 10n,
      minOut: 1_500_000_000n,
    })
  })

  test('leaves nothing to a solver where both are worth the same', async () => {
    const client = readerOf({ weth: whole, usdc: 2_500_000_000n })
    expect(await previewCrossing(client, { deployment, sides })).toMatchObject({ left: 0n, minOut: 0n })
  })

  test('asks no solver for what the covered side gives already', async () => {
    const client = readerOf({ weth: whole, usdc: 2_500_000_001n, minWeth: whole - 1n })
    expect(await previewCrossing(client, { deployment, sides })).toMatchObject({ left: 1n, minOut: 0n })
  })

  test('names only those who would be settled; is none if a side has nobody', async () => {
    const client = readerOf({ weth: whole, usdc: 3_000_000_000n, dust: [third] })
    const crossing = await previewCrossing(client, { deployment, sides })
    expect(crossing?.other.merchants).toEqual([second])
    const empty = readerOf({ weth: whole, usdc: 3_000_000_000n, dust: [first] })
    expect(await previewCrossing(empty, { deployment, sides })).toBeNull()
  })
})
