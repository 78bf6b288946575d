/** One payment from its hold to where its money ended: status, shares of payouts, timeline. */
import type { PaymentIndexStatus, PayoutShare, RefundShare, TimelineStep } from '@mati/sdk'
import type { Book } from './book.ts'
import type { CaptureFact, InterventionFact, PaymentFact, RefundFact, ReturnFact } from './facts.ts'
import { follow, type Followed, type FollowedPayout, step } from './follow.ts'

export interface FollowedPayment {
  status: PaymentIndexStatus
  payouts: PayoutShare[]
  spentOnRefunds: RefundShare[]
  timeline: TimelineStep[]
}

/** What happened to one payment on the chain that holds it, each in the order of events. */
export interface PaymentFacts {
  captures: CaptureFact[]
  /** Its void or reclaim, if there was one. */
  returns: ReturnFact[]
  interventions: InterventionFact[]
  refunds: RefundFact[]
}

export function followPayment(
  payment: PaymentFact,
  { captures, returns, interventions, refunds, book }: PaymentFacts & { book: Book },
): FollowedPayment {
  const { chainId, merchant: account, token } = payment
  const segments = captures.map(({ low, high, timestamp: since }) => ({ chainId, account, token, low, high, since }))
  const followed = follow(segments, book)
  const since = payment.timestamp
  // Authorized and captured in one transaction is charged.
  const isCharge = (fact: CaptureFact) => fact.hash === payment.hash
  const of = (amount: bigint | null) => ({ since, token: amount === null ? null : token, amount, ref: null })
  const steps = [
    ...(captures.some(isCharge) ? [] : [step('authorized', payment, of(payment.maxAmount))]),
    ...interventions.map((fact) => step(fact.kind, fact, of(null))),
    ...captures.map((fact) => step(isCharge(fact) ? 'charged' : capturedAs(fact), fact, of(fact.amount))),
    ...returns.map((fact) => step(fact.kind, fact, of(fact.amount))),
    // A refund paid for with its own units is one step, not two.
    ...followed.steps.filter(({ name, ref }) => name !== 'spentOnRefund' || ref !== payment.id),
    ...refunds.map((fact) => step('refunded', fact, of(fact.amount))),
  ]
  return {
    status: statusOf(payment, followed),
    payouts: followed.payouts.map(payoutShare),
    spentOnRefunds: followed.refunds,
    // Stable: steps of one second stay in their order of cause and effect.
    timeline: steps.toSorted((a, b) => a.timestamp - b.timestamp),
  }
}

function capturedAs({ resolvedBy }: CaptureFact): 'captured' | 'resolved' {
  return resolvedBy === null ? 'captured' : 'resolved'
}

/**
 * What was captured decides, once anything was: a payment partly captured and then voided counts as captured. It
 * is settled when its hold has ended and every unit of the merchant's credit was paid out or spent on a refund;
 * withdrawn when all of it has left and some of it raw.
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
