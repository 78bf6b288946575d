const q96 = 2 ** 96

/** A token in a pool, with its price in USD (8 decimals, any common scale works). */
export interface PricedToken {
  decimals: number
  priceUsd: bigint
}

/** Uniswap's price of token0 in token1: the root of their smallest units' ratio, in 96 binary digits. Rounded down. */
export function sqrtPriceX96(token0: PricedToken, token1: PricedToken): bigint {
  const numerator = token0.priceUsd * 10n ** BigInt(token1.decimals)
  const denominator = token1.priceUsd * 10n ** BigInt(token0.decimals)
  return squareRoot((numerator << 192n) / denominator)
}

/** The widest-used range here: from half to double the price, in ticks the pool allows. */
export function rangeAround(sqrtPrice: bigint, tickSpacing: number): { tickLower: number; tickUpper: number } {
  const tick = (2 * Math.log(Number(sqrtPrice) / q96)) / Math.log(1.0001)
  const width = Math.log(2) / Math.log(1.0001)
  const aligned = (at: number) => Math.round(at / tickSpacing) * tickSpacing
  return { tickLower: aligned(tick - width), tickUpper: aligned(tick + width) }
}

/** What a USD value (whole dollars) is in a token's smallest units. Rounded down. */
export function unitsWorth(usd: number, { decimals, priceUsd }: PricedToken): bigint {
  return (BigInt(usd) * 10n ** BigInt(8 + decimals)) / priceUsd
}

/**
 * How a trader would bring a pool to the market's price: not at all while the gap is within the pool's fee (in
 * millionths of the price), else by selling token0 or token1 up to that price.
 */
export function planAlignment(
  pool: { sqrtPrice: bigint; feePips: number },
  target: bigint,
): { sell: 'nothing' } | { sell: 'token0' | 'token1'; limit: bigint } {
  const { sqrtPrice, feePips } = pool
  const gap = sqrtPrice > target ? sqrtPrice ** 2n - target ** 2n : target ** 2n - sqrtPrice ** 2n
  if (gap * 1_000_000n <= target ** 2n * BigInt(feePips)) return { sell: 'nothing' }
  return { sell: sqrtPrice > target ? 'token0' : 'token1', limit: target }
}

function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let guess = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const better = (guess + value / guess) >> 1n
    if (better >= guess) return guess
    guess = better
  }
}
