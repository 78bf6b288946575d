import { describe, expect, test } from 'vitest'
import { planAlignment, rangeAround, sqrtPriceX96, unitsWorth } from '../src/price.ts'

const weth = { decimals: 18, priceUsd: 2_500_00000000n }
const usdc = { decimals: 6, priceUsd: 1_00000000n }
const mati = { decimals: 18, priceUsd: 25000000n }
const q96 = 2n ** 96n

describe('sqrtPriceX96', () => {
  test('is the root of what one smallest unit is worth in the other', () => {
    expect(sqrtPriceX96(mati, weth)).toBe(q96 / 100n) // 0.25 / 2,500 = 1 / 10,000
    expect(sqrtPriceX96(weth, mati)).toBe(q96 * 100n)
    expect(Number(sqrtPriceX96(weth, usdc)) / Number(q96)).toBeCloseTo(5e-5, 12) // √(2,500e6 / 1e18)
  })
})

describe('rangeAround', () => {
  test('spans half to double the price, in ticks the pool allows', () => {
    const { tickLower, tickUpper } = rangeAround(q96, 60)
    expect([tickLower, tickUpper]).toEqual([-6_960, 6_960]) // ln 2 / ln 1.0001 = 6,932, on a multiple of 60
    expect(1.0001 ** tickUpper).toBeCloseTo(2, 1)
  })
})

describe('unitsWorth', () => {
  test('converts dollars to smallest units', () => {
    expect(unitsWorth(1_000, weth)).toBe(4n * 10n ** 17n)
    expect(unitsWorth(1_000, usdc)).toBe(1_000_000_000n)
    expect(unitsWorth(1, mati)).toBe(4n * 10n ** 18n)
  })
})

describe('planAlignment', () => {
  const within = (q96 * 10_014n) / 10_000n // the price is 0.28% off
  const beyond = (q96 * 10_016n) / 10_000n // 0.32% off

  test('leaves a gap within the fee', () => {
    expect(planAlignment({ sqrtPrice: within, feePips: 3_000 }, q96)).toEqual({ sell: 'nothing' })
    expect(planAlignment({ sqrtPrice: q96, feePips: 0 }, q96)).toEqual({ sell: 'nothing' })
  })

  test('sells what the pool overprices, down to the market', () => {
    expect(planAlignment({ sqrtPrice: beyond, feePips: 3_000 }, q96)).toEqual({ sell: 'token0', limit: q96 })
    expect(planAlignment({ sqrtPrice: q96, feePips: 3_000 }, beyond)).toEqual({ sell: 'token1', limit: beyond })
  })
})
