import { describe, expect, test } from 'vitest'
import { holdingRegistration } from '../src/registration.ts'

const DAY = 86_400
const first = { nonce: 1n, timestamp: 1_000, effectiveAt: 1_000 }
const second = { nonce: 2n, timestamp: 2_000, effectiveAt: 2_000 + DAY }

describe('holdingRegistration', () => {
  test('is none for a merchant not registered', () => {
    expect(holdingRegistration([], 5_000)).toBeUndefined()
  })

  test('is the first at once', () => {
    expect(holdingRegistration([first], 1_000)).toBe(first)
  })

  test('stays the first until a change has waited, whatever the order of rows', () => {
    expect(holdingRegistration([second, first], second.effectiveAt - 1)).toBe(first)
    expect(holdingRegistration([second, first], second.effectiveAt)).toBe(second)
  })

  test('skips a change that was replaced while it waited', () => {
    const third = { nonce: 9n, timestamp: 3_000, effectiveAt: 3_000 + DAY }
    expect(holdingRegistration([first, second, third], second.effectiveAt)).toBe(first)
    expect(holdingRegistration([first, second, third], third.effectiveAt)).toBe(third)
  })

  test('keeps a change that held when the next one came', () => {
    const third = { nonce: 3n, timestamp: second.effectiveAt, effectiveAt: second.effectiveAt + DAY }
    expect(holdingRegistration([first, second, third], third.timestamp)).toBe(second)
  })
})
