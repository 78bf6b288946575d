import { chainlinkSourceAbi, explainRate, rateLensAbi, rateOracleAbi, type ReadingClient, USD } from '@mati/sdk'
import {
  type Address,
  createPublicClient,
  custom,
  decodeFunctionData,
  defineChain,
  encodeErrorResult,
  encodeFunctionResult,
  type Hex,
  zeroAddress,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { addressOf, deployment } from './deployments.ts'

const weth = addressOf(17)
const source = addressOf(32)
const asked = { deployment, base: weth, quote: USD.address }
const rate = {
  wad: 2_500n * 10n ** 18n,
  baseDecimals: 18,
  quoteDecimals: 18,
  updatedAt: 1_000,
  baseRoundId: 7n,
  quoteRoundId: 0n,
}
const noRate = { wad: 0n, baseDecimals: 0, quoteDecimals: 0, updatedAt: 0, baseRoundId: 0n, quoteRoundId: 0n }
const price = { hasPrice: true, wad: rate.wad, roundId: 7n, updatedAt: 1_000, priceReason: '0x' as Hex }
const good = { asset: weth, source, quoteAsset: USD.address, ...price, isTogether: true, togetherReason: '0x' as Hex }

const stale = encodeErrorResult({ abi: chainlinkSourceAbi, errorName: 'ChainlinkSource_Stale', args: [5n, 60n, 100n] })
const unavailable = encodeErrorResult({
  abi: rateOracleAbi,
  errorName: 'Oracle_PriceUnavailable',
  args: [weth, stale],
})

const chain = defineChain({
  id: deployment.chainId,
  name: 'A',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
})

const unusable = {
  usableForCapture: false,
  usableForSettlement: false,
  rate: noRate,
  age: 0n,
  captureReason: '0x' as Hex,
  settlementReason: '0x' as Hex,
}

/** A chain at block 9 whose lens answers so; sources are WETH's, and USD has none. */
function readerOf(shown: Partial<typeof unusable>, views: readonly (typeof good)[] = [good]): ReadingClient {
  const abi = rateLensAbi
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (method === 'eth_blockNumber') return '0x9'
    const [{ to, data }, block] = params as [{ to: Address; data: Hex }, string]
    expect([to.toLowerCase(), block]).toEqual([deployment.contracts.rateLens.toLowerCase(), '0x9'])
    const { functionName, args } = decodeFunctionData({ abi, data })
    if (functionName === 'sources') {
      const result = args[0].toLowerCase() === weth.toLowerCase() ? views : []
      return encodeFunctionResult({ abi, functionName, result })
    }
    expect([functionName, args]).toEqual(['rate', [weth, USD.address]])
    return encodeFunctionResult({ abi, functionName: 'rate', result: { ...unusable, ...shown } })
  }
  return createPublicClient({ chain, transport: custom({ request }) })
}

describe('explainRate', () => {
  test('tells the rate, how old it is and from where', async () => {
    const client = readerOf({ usableForCapture: true, usableForSettlement: true, rate, age: 40n })
    expect(await explainRate(client, asked)).toEqual({
      blockNumber: 9n,
      capture: { status: 'usable', rate, ageSeconds: 40 },
      settlement: { status: 'usable' },
      sources: {
        base: [
          {
            asset: weth,
            source,
            quote: USD.address,
            price: { status: 'usable', wad: rate.wad, roundId: 7n, updatedAt: 1_000 },
            market: { status: 'usable' },
          },
        ],
        quote: [],
      },
    })
  })

  test('tells why there is none, as the call that needs it would', async () => {
    const broken = { ...good, hasPrice: false, wad: 0n, roundId: 0n, updatedAt: 0, priceReason: stale }
    const client = readerOf({ captureReason: unavailable, settlementReason: unavailable }, [broken])
    const { capture, settlement, sources } = await explainRate(client, asked)
    const refused = { status: 'unusable', error: { code: 'REVERT_Oracle_PriceUnavailable', retryable: true } }
    expect([capture, settlement]).toMatchObject([refused, refused])
    expect(capture.status === 'unusable' && capture.error.message).toBe(
      `Oracle_PriceUnavailable(asset: ${weth}): ChainlinkSource_Stale(updatedAt: 5, maxAge: 60, timestamp: 100)`,
    )
    const [own] = sources.base
    expect(own?.price).toMatchObject({
      status: 'unusable',
      error: { code: 'REVERT_ChainlinkSource_Stale', action: "Wait for the feed's next round.", retryable: true },
    })
    expect(own?.market).toEqual({ status: 'usable' })
  })

  test('tells of what fails without a reason, and of a source that does not say what it counts in', async () => {
    const silent = { ...good, quoteAsset: zeroAddress, isTogether: false }
    const client = readerOf({ usableForCapture: true, rate, age: 1n }, [silent])
    const { capture, settlement, sources } = await explainRate(client, asked)
    expect(capture.status).toBe('usable')
    const unknown = { status: 'unusable', error: { code: 'REVERT_UNKNOWN', data: '0x', revert: null } }
    expect(settlement).toMatchObject(unknown)
    expect(sources.base).toMatchObject([{ quote: null, price: { status: 'usable' }, market: unknown }])
  })

  test('refuses another chain, and what is no address', async () => {
    const client = readerOf({})
    const elsewhere = { ...deployment, chainId: deployment.chainId + 1 }
    await expect(explainRate(client, { ...asked, deployment: elsewhere })).rejects.toMatchObject({
      code: 'WRONG_CHAIN',
    })
    await expect(explainRate(client, { ...asked, base: '0x12' })).rejects.toMatchObject({ code: 'CALL_FAILED' })
  })
})
