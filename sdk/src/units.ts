/** Amounts between people and programs: text with a decimal point at the edge, units of the smallest kind within. */

/**
 * Units that a decimal text stands for; null if it is no plain positive decimal or needs more decimals than there are.
 * @example parseAmount('49.99', 6) // 49990000n
 */
export function parseAmount(text: string, decimals: number): bigint | null {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) return null
  const [, whole = '', fraction = ''] = match
  return fraction.length > decimals ? null : BigInt(whole + fraction.padEnd(decimals, '0'))
}

/**
 * An amount as people read it, exact unless `maxDecimals` cuts it (towards zero).
 * @example formatAmount(49_990_000n, 6) // '49.99'
 */
export function formatAmount(amount: bigint, decimals: number, maxDecimals = decimals): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals, digits.length - decimals + maxDecimals).replace(/0+$/, '')
  return `${amount < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** Part of an amount in basis points (1/10,000), rounded down. */
export function partDown(amount: bigint, bps: bigint | number): bigint {
  return (amount * BigInt(bps)) / 10_000n
}

/** An amount less its part in basis points, rounded down. */
export function lessDown(amount: bigint, bps: bigint | number): bigint {
  return (amount * (10_000n - BigInt(bps))) / 10_000n
}

/** An amount and its part in basis points on top, rounded up. */
export function plusUp(amount: bigint, bps: bigint | number): bigint {
  return (amount * (10_000n + BigInt(bps)) + 9_999n) / 10_000n
}
