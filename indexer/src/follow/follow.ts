/** Follows captured units from ledger to ledger until they are paid or withdrawn. Pure: chains may be indexed unevenly. */
import type { RefundShare, TimelineStep } from '@mati/sdk'
import type { Address, Hex } from 'viem'
import { allotCosts } from './allot.ts'
import type { Book } from './book.ts'
import type { Fact, LedgerAccount, PayoutFact, SettlementFact, WithdrawalFact } from './facts.ts'
import { lengthOf, overlap, type Range, shareOf, shareRange } from './range.ts'

/** Units of one ledger account, and since when they were there: no later step is shown before that. */
export interface Segment extends LedgerAccount, Range {
  since: number
}

/** What one settlement made of some followed units. */
export interface FollowedPayout {
  settlement: SettlementFact
  amountIn: bigint
  amountOut: bigint
  tip: bigint
  messageRepaid: bigint
}

export interface Followed {
  payouts: FollowedPayout[]
  /** What of the units paid for refunds. */
  refunds: RefundShare[]
  steps: TimelineStep[]
  /** Whether any unit has left the ledger that it was captured into. */
  hasMoved: boolean
  /** Whether every unit was paid to its recipients, spent on a refund, or withdrawn. */
  hasEnded: boolean
  /** Whether any unit was withdrawn raw. */
  hasWithdrawn: boolean
}

const NOTHING: Followed = { payouts: [], refunds: [], steps: [], hasMoved: false, hasEnded: true, hasWithdrawn: false }

/** Follows what was captured, part by part. */
export function follow(segments: Segment[], book: Book): Followed {
  return merge(segments.map((segment) => followSegment(segment, book)))
}

function followSegment(segment: Segment, book: Book): Followed {
  if (lengthOf(segment) === 0n) return NOTHING
  const parts: Followed[] = []
  let left = lengthOf(segment)
  for (const payout of book.payouts(segment)) {
    const part = overlap(segment, payout)
    if (!part) continue
    left -= lengthOf(part)
    parts.push(followPayout(segment, payout, part, book))
  }
  for (const withdrawal of book.withdrawals(segment)) {
    const part = overlap(segment, withdrawal)
    if (!part) continue
    left -= lengthOf(part)
    parts.push(followWithdrawal(segment, withdrawal, lengthOf(part)))
  }
  const all = merge(parts)
  return { ...all, hasEnded: all.hasEnded && left === 0n }
}

function followWithdrawal(segment: Segment, withdrawal: WithdrawalFact, amount: bigint): Followed {
  const { since, token, chainId } = segment
  const { refundOf: ref } = withdrawal
  const steps = [step(ref === null ? 'withdrawn' : 'spentOnRefund', withdrawal, { since, token, amount, ref })]
  const refunds = ref === null ? [] : [{ chainId, token, amount, refundOf: ref }]
  return { ...NOTHING, steps, refunds, hasMoved: true, hasWithdrawn: ref === null }
}

function followPayout(segment: Segment, payout: PayoutFact, part: Range, book: Book): Followed {
  const found = book.settlement(payout.chainId, payout.settlementId)
  // `Settled` follows `PaidOut` in one transaction, so facts of one moment hold both.
  if (!found) throw new Error(`settlement ${payout.settlementId} of a payout is missing`)
  const { settlement, members } = found
  const cost = allotCosts(settlement, members)[members.indexOf(payout)]
  if (!cost) throw new Error(`payout of settlement ${payout.settlementId} is not among its members`)

  const out = shareRange(payout.amountOut, payout, part)
  const followed: FollowedPayout = {
    settlement,
    amountIn: lengthOf(part),
    amountOut: lengthOf(out),
    tip: shareOf(cost.tip, payout, part),
    messageRepaid: shareOf(cost.messageRepaid, payout, part),
  }
  const token = settlement.delivered
  const here = { since: segment.since, token, amount: lengthOf(out), ref: settlement.id }
  const steps: TimelineStep[] = []
  if (token !== segment.token) steps.push(step('converted', payout, here))
  if (settlement.guid === null) {
    steps.push(step('paid', payout, here))
    return { ...NOTHING, payouts: [followed], steps, hasMoved: true }
  }
  steps.push(step('sent', settlement, { ...here, ref: settlement.guid }))
  const beyond = followMessage(settlement.guid, payout, out, latest(steps), book)
  return merge([{ ...NOTHING, payouts: [followed], steps, hasMoved: true }, beyond])
}

/** Follows `out`, a range of a merchant's amount in a message, to where it came out. */
function followMessage(guid: Hex, payout: PayoutFact, out: Range, since: number, book: Book): Followed {
  if (lengthOf(out) === 0n) return NOTHING
  const arrival = book.arrival(guid, payout.merchant)
  const amount = lengthOf(out)
  const steps: TimelineStep[] = []
  for (const kind of ['verified', 'delivered'] as const) {
    const fact = book.messageSteps(guid).find((row) => row.kind === kind)
    if (fact) steps.push(step(kind, fact, { since: latest(steps, since), token: null, amount, ref: guid }))
  }
  if (!arrival) return { ...NOTHING, steps, hasEnded: false }

  // The gateway credits each merchant what it was sent, so this maps one to one, by offset.
  const { low, high } = shareRange(lengthOf(arrival), { low: 0n, high: payout.amountOut }, out)
  const token = arrival.token
  const credited = { since: latest(steps, since), token, amount: high - low, ref: guid }
  steps.push(step('credited', arrival, credited))
  const { chainId, account } = arrival
  const range = { low: arrival.low + low, high: arrival.low + high }
  const beyond = followSegment({ chainId, account, token, ...range, since: latest(steps) }, book)
  return merge([{ ...NOTHING, steps }, beyond])
}

interface StepDetail {
  /** The step before it: clocks of chains may differ, a timeline never runs backwards. */
  since: number
  token: Address | null
  amount: bigint | null
  ref: Hex | null
}

/** A fact as a step of a timeline. */
export function step(name: TimelineStep['name'], fact: Fact, { since, token, amount, ref }: StepDetail): TimelineStep {
  const { chainId, hash, blockNumber, gasUsed } = fact
  return { name, chainId, hash, blockNumber, timestamp: Math.max(fact.timestamp, since), gasUsed, token, amount, ref }
}

function latest(steps: TimelineStep[], since = 0): number {
  return steps.at(-1)?.timestamp ?? since
}

function merge(parts: Followed[]): Followed {
  return {
    payouts: parts.flatMap((part) => part.payouts),
    refunds: parts.flatMap((part) => part.refunds),
    steps: parts.flatMap((part) => part.steps),
    hasMoved: parts.some((part) => part.hasMoved),
    hasEnded: parts.every((part) => part.hasEnded),
    hasWithdrawn: parts.some((part) => part.hasWithdrawn),
  }
}
