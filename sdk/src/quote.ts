/** What a payment will cost its payer and bring its merchant: arithmetic over rates and bounds that were read. Pure. */
import { type Rate, toBaseDown, toQuoteDown } from './rate.ts'
import { lessDown, partDown, plusUp } from './units.ts'

/** How far below the oracle's value a settlement of a tier may end, in basis points (1/10,000). */
export type TierBounds = { maxBps: number; tipBps: number; maxMessageBps: number; maxHeadBps: number }

/** One conversion on the way to the merchant; `rate` is null where the token is what is to be delivered already. */
export type Leg = {
  rate: Rate | null
  bounds: TierBounds
  /** Whether it ends in a message to another chain, which cuts to Mati's shared decimals. */
  isSent: boolean
}

/** What a message can carry of Mati: multiples of this, Mati having 18 decimals and 6 shared ones. */
const DUST = 10n ** 12n

/** What the due is worth in the payment's token now, and the most to be held for it: as much more as the margin allows. */
export function amountToHold(due: bigint, rate: Rate | null, marginBps: number) {
  if (rate === null) return { expected: due, maxAmount: due }
  const expected = toBaseDown(rate, due)
  // A unit more, for what `expected` was rounded down by.
  return { expected, maxAmount: plusUp(expected + 1n, marginBps) }
}

/**
 * What reaches the merchant of a captured amount.
 * @returns `fair`, at the oracle's rates with no cost but the fee, and `least`, when every bound is used up; both in
 * units of what the last leg delivers, rounded down.
 */
export function amountToReceive(captured: bigint, feeBps: number, legs: readonly Leg[]) {
  const credited = captured - partDown(captured, feeBps)
  return legs.reduce(({ fair, least }, leg) => ({ fair: throughRate(leg, fair), least: throughLeg(leg, least) }), {
    fair: credited,
    least: credited,
  })
}

function throughRate({ rate }: Leg, amount: bigint): bigint {
  return rate ? toQuoteDown(rate, amount) : amount
}

/** In the order in which the settler takes its parts, each rounded down. */
function throughLeg(leg: Leg, amount: bigint): bigint {
  const converted = lessDown(throughRate(leg, amount), leg.rate ? leg.bounds.maxBps : 0)
  const tipped = lessDown(converted, leg.bounds.tipBps + leg.bounds.maxHeadBps)
  if (!leg.isSent) return tipped
  const sent = lessDown(tipped, leg.bounds.maxMessageBps)
  return sent - (sent % DUST)
}
