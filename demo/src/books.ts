/** What became of one payment's money, to the unit, and what each step cost. Pure. */
import type { Deployment, PaymentView, PayoutShare } from '@mati/sdk'
import { toQuoteDown } from '@mati/sdk'
import { isAddressEqual } from 'viem'

/** Costs and proceeds of a payment, valued in its currency at the oracle's rates of each step. */
export type Books = {
  /** What the captured money was worth when it was captured; the due, unless less was held. */
  captured: bigint
  fee: bigint
  tips: bigint
  /** What pools took (fee and price impact), less what was delivered above the oracle's value. */
  pools: bigint
  messages: bigint
  /** What of it was spent on refunds. */
  refunds: bigint
  received: bigint
  /** How far below the due the merchant's money ended, refunds counted as got, in basis points. */
  slippageBps: number
  /** Whether every unit is accounted for: nothing of the payment appears or vanishes between two steps. */
  balanced: boolean
}

const BPS = 10_000n

/**
 * Follows a payment's money through its capture and its payouts.
 * @param deployments Those of all chains, for the decimals of tokens.
 */
export function booksOf(payment: PaymentView, deployments: readonly Deployment[]): Books {
  const worth = payment.captured === 0n ? 0n : worthOf(payment, deployments)
  const books = {
    captured: worth,
    fee: part(worth, payment.fee, payment.captured),
    tips: 0n,
    pools: 0n,
    messages: 0n,
    refunds: 0n,
  }
  // What one unit of a leg's token is worth in the due's currency: as the step before left it.
  let running = { value: worth - books.fee, amount: payment.captured - payment.fee }
  for (const chainId of chainsInOrder(payment)) {
    const legs = payment.payouts.filter((leg) => leg.chainId === chainId)
    const next = { value: 0n, amount: 0n }
    for (const { amount } of payment.spentOnRefunds.filter((spent) => spent.chainId === chainId)) {
      books.refunds += part(running.value, amount, running.amount)
    }
    for (const leg of legs) {
      const fair = fairOut(leg, deployments)
      const value = part(running.value, leg.amountIn, running.amount)
      const delivered = leg.amountOut + leg.tip + leg.messageRepaid
      books.tips += part(value, leg.tip, fair)
      books.messages += part(value, leg.messageRepaid, fair)
      books.pools += part(value, fair - delivered, fair)
      next.value += part(value, leg.amountOut, fair)
      next.amount += leg.amountOut
    }
    running = next
  }
  const received = payment.payouts.length > 0 ? running.value : 0n
  const lost = payment.due - received - books.refunds
  const slippageBps = payment.captured === 0n ? 0 : Number((lost * BPS) / payment.due)
  return { ...books, received, slippageBps, balanced: isBalanced(payment) }
}

/** The chains a payment's money went through, in order. */
function chainsInOrder({ chainId, payouts }: PaymentView): number[] {
  return [...new Set([chainId, ...payouts.map((leg) => leg.chainId)])]
}

/** Every unit: held + captured + returned = authorized; what left a ledger is what came in; what is sent arrives. */
function isBalanced(payment: PaymentView): boolean {
  const { held, captured, returned, maxAmount, fee, payouts, chainId } = payment
  if (held + captured + returned !== maxAmount) return false
  const sumOf = (legs: readonly PayoutShare[], key: 'amountIn' | 'amountOut') =>
    legs.reduce((sum, leg) => sum + leg[key], 0n)
  const first = payouts.filter((leg) => leg.chainId === chainId)
  const sent = first.filter((leg) => leg.guid !== null)
  const second = payouts.filter((leg) => leg.chainId !== chainId)
  if (payment.status !== 'settled') return payouts.length === 0
  const spentOn = (here: boolean) =>
    payment.spentOnRefunds.reduce((sum, spent) => ((spent.chainId === chainId) === here ? sum + spent.amount : sum), 0n)
  return (
    sumOf(first, 'amountIn') + spentOn(true) === captured - fee &&
    sumOf(second, 'amountIn') + spentOn(false) === sumOf(sent, 'amountOut')
  )
}

function worthOf(payment: PaymentView, deployments: readonly Deployment[]): bigint {
  if (!payment.rate) return payment.capturedDue
  const baseDecimals = decimalsOf(deployments, payment.chainId, payment.token)
  const quoteDecimals = decimalsOf(deployments, payment.chainId, payment.currency)
  return toQuoteDown({ wad: payment.rate.wad, baseDecimals, quoteDecimals }, payment.captured)
}

/** What a leg would have delivered at the oracle's rate. */
function fairOut(leg: PayoutShare, deployments: readonly Deployment[]): bigint {
  if (isAddressEqual(leg.token, leg.asset)) return leg.amountIn
  const baseDecimals = decimalsOf(deployments, leg.chainId, leg.token)
  const quoteDecimals = decimalsOf(deployments, leg.chainId, leg.asset)
  return toQuoteDown({ wad: leg.rate.wad, baseDecimals, quoteDecimals }, leg.amountIn)
}

/** Decimals of a token of a chain; 18 for a fiat. */
export function decimalsOf(deployments: readonly Deployment[], chainId: number, asset: `0x${string}`): number {
  const tokens = deployments.find((deployment) => deployment.chainId === chainId)?.tokens ?? []
  return tokens.find(({ address }) => isAddressEqual(address, asset))?.decimals ?? 18
}

function part(total: bigint, amount: bigint, of: bigint): bigint {
  return of === 0n ? 0n : (total * amount) / of
}
