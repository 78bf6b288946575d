import { describe, expect, test } from 'vitest'
import { overlap, shareOf, shareRange } from '../src/follow/range.ts'
import { randomSource } from './random.ts'

describe('overlap', () => {
  test('is what both have', () => {
    expect(overlap({ low: 0n, high: 10n }, { low: 4n, high: 20n })).toEqual({ low: 4n, high: 10n })
    expect(overlap({ low: 0n, high: 10n }, { low: 2n, high: 3n })).toEqual({ low: 2n, high: 3n })
  })

  test('is nothing where they only touch', () => {
    expect(overlap({ low: 0n, high: 4n }, { low: 4n, high: 8n })).toBeNull()
    expect(overlap({ low: 4n, high: 4n }, { low: 0n, high: 8n })).toBeNull()
  })
})

describe('shareRange', () => {
  test('is the same range for an equal total', () => {
    expect(shareRange(10n, { low: 90n, high: 100n }, { low: 93n, high: 99n })).toEqual({ low: 3n, high: 9n })
  })

  test('gives a unit that cannot be divided to one part', () => {
    const whole = { low: 0n, high: 3n }
    const shares = [0n, 1n, 2n].map((low) => shareOf(1n, whole, { low, high: low + 1n }))
    expect(shares).toEqual([0n, 0n, 1n])
  })

  test('divides into adjacent parts that add up, whatever the division', () => {
    const random = randomSource(1)
    for (let run = 0; run < 500; run++) {
      const whole = { low: random.bigint(10n ** 30n), high: 0n }
      whole.high = whole.low + 1n + random.bigint(10n ** 24n)
      const total = random.bigint(10n ** 26n)
      let end = 0n
      for (const part of random.divide(whole)) {
        const share = shareRange(total, whole, part)
        expect(share.low).toBe(end)
        end = share.high
      }
      expect(end).toBe(total)
    }
  })
})
