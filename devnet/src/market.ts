/** The assets of the local markets. */
export const assets = ['ETH', 'USDC', 'MATI'] as const
export type Asset = (typeof assets)[number]

/** USD per whole unit, 8 decimals, as Chainlink's feeds give them. */
export type Prices = Readonly<Record<Asset, bigint>>

/** Where a price starts, and how far (as a part of it) it ever strays. */
interface Walk {
  startUsd: number
  range: number
}

export const walks: Readonly<Record<Asset, Walk>> = {
  ETH: { startUsd: 2_500, range: 0.004 },
  USDC: { startUsd: 1, range: 0.000_2 },
  MATI: { startUsd: 0.25, range: 0.001 },
}

/** Time in which a strayed price comes back most (1 − 1/e) of its way. */
const relaxationSeconds = 300

export interface Market {
  prices(): Prices
  /** Lets time go by. */
  advance(seconds: number): Prices
}

/** A market without trends: every price strays from its start and returns to it. The same seed gives the same one. */
export function createMarket(seed: number): Market {
  const random = createRandom(seed)
  const strayed: Record<Asset, number> = { ETH: 0, USDC: 0, MATI: 0 }

  const prices = () => {
    const entries = assets.map((asset) => {
      const { startUsd, range } = walks[asset]
      return [asset, BigInt(Math.round(startUsd * (1 + strayed[asset] * range) * 1e8))]
    })
    return Object.fromEntries(entries) as Prices
  }
  return {
    prices,
    advance(seconds) {
      for (const asset of assets) strayed[asset] = stray(strayed[asset], seconds, normal(random))
      return prices()
    },
  }
}

/**
 * One step of a mean-reverting walk (Ornstein–Uhlenbeck, exact for any length of step), in units of its range: the
 * result is within ±1, and within ±0.4 two thirds of the time.
 */
export function stray(from: number, seconds: number, noise: number): number {
  const kept = Math.exp(-seconds / relaxationSeconds)
  const next = from * kept + 0.4 * Math.sqrt(1 - kept * kept) * noise
  return Math.min(1, Math.max(-1, next))
}

/** A normally distributed number from two uniform ones (Box–Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Uniform in [0, 1), the same sequence for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
