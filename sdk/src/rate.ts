/** Rates, and amounts through them: the contracts' formulas (`contracts/src/types/Rate.sol`), for quotes and plans. */

/** How much of a quote asset one whole unit of a base asset is worth, and where that was read. */
export type Rate = {
  /** Quote per base, per whole unit, WAD (18 decimals). */
  wad: bigint
  baseDecimals: number
  quoteDecimals: number
  /** When the older of both prices was true, Unix seconds. */
  updatedAt: number
  baseRoundId: bigint
  quoteRoundId: bigint
}

/** What of a rate amounts go through. */
export type Conversion = Pick<Rate, 'wad' | 'baseDecimals' | 'quoteDecimals'>

/** Units of the quote asset that an amount of the base asset is worth, rounded down. */
export function toQuoteDown(rate: Conversion, baseAmount: bigint): bigint {
  return (baseAmount * rate.wad * 10n ** BigInt(rate.quoteDecimals)) / 10n ** BigInt(18 + rate.baseDecimals)
}

/** Units of the quote asset that an amount of the base asset is worth, rounded up. */
export function toQuoteUp(rate: Conversion, baseAmount: bigint): bigint {
  const unit = 10n ** BigInt(18 + rate.baseDecimals)
  return (baseAmount * rate.wad * 10n ** BigInt(rate.quoteDecimals) + unit - 1n) / unit
}

/** Units of the base asset that an amount of the quote asset is worth, rounded down. */
export function toBaseDown(rate: Conversion, quoteAmount: bigint): bigint {
  return (quoteAmount * 10n ** BigInt(18 + rate.baseDecimals)) / (rate.wad * 10n ** BigInt(rate.quoteDecimals))
}
