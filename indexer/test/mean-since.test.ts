import { describe, expect, test } from 'vitest'
import { meanSince } from '../src/mean-since.ts'

describe('meanSince', () => {
  test('is the time of the first credit', () => {
    expect(meanSince({ balance: 0n, since: 5 }, { amount: 3n, timestamp: 100 })).toBe(100)
  })

  test('weighs by amount and rounds to the nearest second', () => {
    expect(meanSince({ balance: 1n, since: 100 }, { amount: 1n, timestamp: 101 })).toBe(101)
    expect(meanSince({ balance: 3n, since: 100 }, { amount: 1n, timestamp: 104 })).toBe(101)
    expect(meanSince({ balance: 3n, since: 100 }, { amount: 1n, timestamp: 101 })).toBe(100)
  })

  test('is not moved by dust', () => {
    expect(meanSince({ balance: 10n ** 18n, since: 100 }, { amount: 1n, timestamp: 1_000_000 })).toBe(100)
  })
})
