/**
 * Ledger counters only grow and credits are consumed first in, first out, so a credit and a debit are each a range of
 * one number line per account and token, and where two overlap is what that debit took of that credit.
 */

/** The units [low, high) of a counter. */
export interface Range {
  low: bigint
  high: bigint
}

export function lengthOf(range: Range): bigint {
  return range.high - range.low
}

/** What two ranges have in common, or null where they do not meet. */
export function overlap(a: Range, b: Range): Range | null {
  const low = a.low > b.low ? a.low : b.low
  const high = a.high < b.high ? a.high : b.high
  return low < high ? { low, high } : null
}

/**
 * The part of `total` that falls to `part` of `whole`, as a range of [0, total).
 *
 * Each end is rounded down on its own, not the length: so the parts of any division of `whole` are adjacent ranges of
 * `total`, and their lengths add up to it exactly.
 */
export function shareRange(total: bigint, whole: Range, part: Range): Range {
  const at = (unit: bigint): bigint => (total * (unit - whole.low)) / lengthOf(whole)
  return { low: at(part.low), high: at(part.high) }
}

/** The length of `shareRange`: how much of `total` falls to `part` of `whole`. */
export function shareOf(total: bigint, whole: Range, part: Range): bigint {
  return lengthOf(shareRange(total, whole, part))
}
