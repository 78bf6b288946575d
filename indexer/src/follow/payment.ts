/** One payment from its hold to where its money ended: status, shares of payouts, timeline. */
import type { PaymentIndexStatus, PayoutShare, TimelineStep } from '@mati/sdk'
import type { Book } from './book.ts'
import type { CaptureFact, PaymentFact, ReturnFact } from './facts.ts'
import { follow, type Followed, type FollowedPayout, step } from './follow.ts'

export interface FollowedPayment {
  status: PaymentIndexStatus
  payouts: PayoutShare[]
  timeline: TimelineStep[]
}

/** @param captures The payment's captures; `returns` its void or reclaim, if there was one. */
export function followPayment(
  payment: PaymentFact,
  { captures, returns, book }: { captures: CaptureFact[]; returns: ReturnFact[]; book: Book },
): FollowedPayment {
  const { chainId, merchant: account, token } = payment
  const segments = captures.map(({ low, high, timestamp: since }) => ({ chainId, account, token, low, high, since }))
  const followed = follow(segments, book)
  const since = payment.timestamp
  const steps = [
    step('authorized', payment, { since, token, amount: payment.maxAmount, ref: null }),
    ...captures.map((fact) => step('captured', fact, { since, token, amount: fact.amount, ref: null })),
    ...returns.map((fact) => step(fact.kind, fact, { since, token, amount: fact.amount, ref: null })),
    ...followed.steps,
  ]
  return {
    status: statusOf(payment, followed),
    payouts: followed.payouts.map(payoutShare),
    // Stable: steps of one second stay in their order of cause and effect.
    timeline: steps.toSorted((a, b) => a.timestamp - b.timestamp),
  }
}

/**
 * What was captured decides, once anything was: a payment partly captured and then voided counts as captured. It
 * is settled when its hold has ended and every unit of the merchant's credit was paid; withdrawn when all of it has
 * left and some of it raw.
 */
function statusOf(payment: PaymentFact, followed: Followed): PaymentIndexStatus {
  if (payment.captured === 0n) return payment.state
  const isOpen = payment.state === 'authorized'
  if (followed.hasEnded && !isOpen) return followed.hasWithdrawn ? 'withdrawn' : 'settled'
  return followed.hasMoved ? 'settling' : 'captured'
}

function payoutShare({ settlement, amountIn, amountOut, tip, messageRepaid }: FollowedPayout): PayoutShare {
  const { id, chainId, token, delivered, guid, rateWad, baseRoundId, quoteRoundId } = settlement
  return {
    settlementId: id,
    chainId,
    token,
    amountIn,
    asset: delivered,
    amountOut,
    tip,
    messageRepaid,
    rate: { wad: rateWad, baseRoundId, quoteRoundId, updatedAt: null },
    guid,
  }
}
