import type { Fees } from './transaction.ts'

/** Nodes drop a replacement that does not raise both fees by at least a tenth (geth's `txpool.pricebump`). */
const BUMP_PERCENT = 113n

/** Whether a block at the market's price would leave these fees waiting. */
export function isUnderpriced(fees: Fees, market: Fees, baseFeePerGas: bigint): boolean {
  return fees.maxFeePerGas < baseFeePerGas + market.maxPriorityFeePerGas
}

/**
 * The fees of a replacement: the market's, but enough above the last ones to be accepted.
 * Undefined if that would exceed `maxFeePerGas`: then it is cheaper to wait.
 */
export function bumpFees(last: Fees, market: Fees, maxFeePerGas: bigint): Fees | undefined {
  const bumped = {
    maxFeePerGas: max(market.maxFeePerGas, raise(last.maxFeePerGas)),
    maxPriorityFeePerGas: max(market.maxPriorityFeePerGas, raise(last.maxPriorityFeePerGas)),
  }
  return bumped.maxFeePerGas > maxFeePerGas ? undefined : bumped
}

/** The market's fees, cut to the most the keeper is willing to pay. */
export function capFees(market: Fees, maxFeePerGas: bigint): Fees {
  const capped = min(market.maxFeePerGas, maxFeePerGas)
  return { maxFeePerGas: capped, maxPriorityFeePerGas: min(market.maxPriorityFeePerGas, capped) }
}

/** Rounded up, so that tiny fees rise as well. */
function raise(fee: bigint): bigint {
  return (fee * BUMP_PERCENT + 99n) / 100n
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
