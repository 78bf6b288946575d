/** Random cases that are the same in every run. */
import type { Range } from '../src/follow/range.ts'

export type RandomSource = ReturnType<typeof randomSource>

export function randomSource(seed: number) {
  let state = seed >>> 0
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const source = {
    /** Below `limit`. */
    int: (limit: number): number => next() % limit,
    /** Below `limit`, and often small. */
    bigint: (limit: bigint): bigint => {
      const bits = source.int(limit.toString(2).length + 1)
      let value = 0n
      for (let i = 0; i < bits; i += 32) value = (value << 32n) | BigInt(next())
      return (value & ((1n << BigInt(bits)) - 1n)) % limit
    },
    /** Adjacent parts of a range, one to eight. */
    divide: (whole: Range): Range[] => {
      const cuts = Array.from({ length: source.int(8) }, () => whole.low + source.bigint(whole.high - whole.low))
      const ends = [whole.low, ...cuts.toSorted((a, b) => (a < b ? -1 : 1)), whole.high]
      return ends
        .slice(1)
        .map((high, i) => ({ low: ends[i] ?? whole.low, high }))
        .filter((part) => part.low < part.high)
    },
  }
  return source
}
