import { toBaseDown, toQuoteDown, toQuoteUp } from '@mati/sdk'
import { describe, expect, test } from 'vitest'

/** 2,500 USDC (6 decimals) per WETH (18). */
const rate = { wad: 2_500n * 10n ** 18n, baseDecimals: 18, quoteDecimals: 6 }

describe('amounts through a rate', () => {
  test.each([
    { weth: 10n ** 18n, down: 2_500_000_000n, up: 2_500_000_000n },
    { weth: 10n ** 18n + 1n, down: 2_500_000_000n, up: 2_500_000_001n },
    { weth: 1n, down: 0n, up: 1n },
    { weth: 0n, down: 0n, up: 0n },
  ])('$weth wei of WETH are $down, rounded up $up', ({ weth, down, up }) => {
    expect([toQuoteDown(rate, weth), toQuoteUp(rate, weth)]).toEqual([down, up])
  })

  test('go back rounded down', () => {
    expect(toBaseDown({ ...rate, wad: 3n * 10n ** 18n }, 1_000_000n)).toBe(333_333_333_333_333_333n)
  })
})
