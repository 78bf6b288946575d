import type { Deployment, PaymentView, PayoutShare } from '@mati/sdk'
import { describe, expect, test } from 'vitest'
import { booksOf } from '../src/books.ts'

const weth = '0x0000000000000000000000000000000000000001'
const mati = '0x0000000000000000000000000000000000000002'
const usdc = '0x0000000000000000000000000000000000000003'
const usd = '0x0000000000000000000000000000000000000348'
const guid = `0x${'11'.repeat(32)}` as const
const whole = 10n ** 18n

const tokens = [
  { symbol: 'WETH', address: weth, decimals: 18 },
  { symbol: 'MATI', address: mati, decimals: 18 },
  { symbol: 'USDC', address: usdc, decimals: 6 },
]
// Only what the books read of a deployment and a payment.
const deployments = [
  { chainId: 1, tokens },
  { chainId: 2, tokens },
] as unknown as Deployment[]
const rate = (wad: bigint) => ({ wad, baseRoundId: 1n, quoteRoundId: 1n, updatedAt: 1 })
const legThere: PayoutShare = {
  settlementId: '0xaa',
  chainId: 1,
  token: weth,
  amountIn: (99n * whole) / 100n,
  asset: mati,
  amountOut: 9_700n * whole,
  tip: 50n * whole,
  messageRepaid: 50n * whole,
  rate: rate(10_000n * whole),
  guid,
}
const legHere: PayoutShare = {
  settlementId: '0xbb',
  chainId: 2,
  token: mati,
  amountIn: 9_700n * whole,
  asset: usdc,
  amountOut: 2_400_000_000n,
  tip: 1_000_000n,
  messageRepaid: 0n,
  rate: rate(whole / 4n),
  guid: null,
}
/** 1 WETH at 2,500 USD: 25 USD fee, 9,900 MATI fair of which 9,700 are sent, 2,425 USDC fair of which 2,400 arrive. */
const payment = {
  chainId: 1,
  status: 'settled',
  token: weth,
  currency: usd,
  due: 2_500n * whole,
  maxAmount: 2n * whole,
  held: 0n,
  captured: whole,
  returned: whole,
  capturedDue: 2_500n * whole,
  fee: whole / 100n,
  rate: rate(2_500n * whole),
  payouts: [legThere, legHere],
  spentOnRefunds: [],
} as unknown as PaymentView

describe('booksOf', () => {
  test('values every cost at the rate of its step, and leaves what the merchant got', () => {
    expect(booksOf(payment, deployments)).toEqual({
      captured: 2_500n * whole,
      fee: 25n * whole,
      tips: (25n * whole) / 2n + whole,
      pools: 25n * whole + 24n * whole,
      messages: (25n * whole) / 2n,
      refunds: 0n,
      received: 2_400n * whole,
      slippageBps: 400,
      balanced: true,
    })
  })

  test('counts what was spent on refunds, and needs it to balance', () => {
    const half: PayoutShare = {
      ...legHere,
      chainId: 1,
      token: weth,
      asset: weth,
      amountIn: (49n * whole) / 100n,
      tip: 0n,
    }
    const kept: PayoutShare = { ...half, amountOut: half.amountIn, rate: rate(whole) }
    const spentOnRefunds = [{ chainId: 1, token: weth, amount: whole / 2n, refundOf: guid }] as const
    const refunded: PaymentView = { ...payment, payouts: [kept], spentOnRefunds: [...spentOnRefunds] }
    expect(booksOf(refunded, deployments)).toMatchObject({
      refunds: 1_250n * whole,
      received: 1_225n * whole,
      slippageBps: 100,
      balanced: true,
    })
    expect(booksOf({ ...refunded, spentOnRefunds: [] }, deployments).balanced).toBe(false)
  })

  test('balances while nothing has left the ledger, and for what came back', () => {
    expect(booksOf({ ...payment, status: 'captured', payouts: [] }, deployments).balanced).toBe(true)
    const back = { ...payment, status: 'reclaimed' as const, captured: 0n, returned: 2n * whole, fee: 0n, payouts: [] }
    expect(booksOf(back, deployments)).toMatchObject({ captured: 0n, received: 0n, slippageBps: 0, balanced: true })
  })

  test.each([
    ['a unit vanished from the hold', { returned: whole - 1n }],
    [
      'a unit more left the ledger than came in',
      { payouts: [{ ...legThere, amountIn: legThere.amountIn + 1n }, legHere] },
    ],
    ['a unit less arrived than was sent', { payouts: [legThere, { ...legHere, amountIn: legHere.amountIn - 1n }] }],
  ])('does not balance where %s', (_, change) => {
    expect(booksOf({ ...payment, ...change }, deployments).balanced).toBe(false)
  })
})
