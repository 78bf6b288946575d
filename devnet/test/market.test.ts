import { describe, expect, test } from 'vitest'
import { isRoundDue } from '../src/chainlink.ts'
import { assets, createMarket, stray, walks } from '../src/market.ts'

describe('createMarket', () => {
  test('starts at the stated prices', () => {
    expect(createMarket(1).prices()).toEqual({ ETH: 2_500_00000000n, USDC: 1_00000000n, MATI: 25000000n })
  })

  test('keeps every price within its range for a day of ticks', () => {
    const market = createMarket(7)
    for (let tick = 0; tick < 17_280; tick++) {
      const prices = market.advance(5)
      for (const asset of assets) {
        const strayed = Math.abs(Number(prices[asset]) / 1e8 / walks[asset].startUsd - 1)
        expect(strayed).toBeLessThanOrEqual(walks[asset].range + 1e-8)
      }
    }
  })

  test('gives the same prices for the same seed, and others for another', () => {
    const after = (seed: number) => createMarket(seed).advance(60)
    expect(after(3)).toEqual(after(3))
    expect(after(3)).not.toEqual(after(4))
  })
})

describe('stray', () => {
  test('returns to the start without noise', () => {
    expect(stray(1, 300, 0)).toBeCloseTo(Math.exp(-1))
    expect(stray(1, 86_400, 0)).toBeCloseTo(0)
  })

  test('never leaves its range, whatever the noise', () => {
    expect(stray(0.9, 600, 100)).toBe(1)
    expect(stray(-0.9, 600, -100)).toBe(-1)
  })
})

describe('isRoundDue', () => {
  const last = { answer: 2_500_00000000n, updatedAt: 1_000 }
  const policy = { deviationBps: 10, heartbeatSeconds: 30 }

  test('is due at the heartbeat, however little the price moved', () => {
    expect(isRoundDue(last, { answer: last.answer, seconds: 1_029 }, policy)).toBe(false)
    expect(isRoundDue(last, { answer: last.answer, seconds: 1_030 }, policy)).toBe(true)
  })

  test('is due at the deviation, up or down', () => {
    expect(isRoundDue(last, { answer: 2_502_49999999n, seconds: 1_001 }, policy)).toBe(false)
    expect(isRoundDue(last, { answer: 2_502_50000000n, seconds: 1_001 }, policy)).toBe(true)
    expect(isRoundDue(last, { answer: 2_497_50000000n, seconds: 1_001 }, policy)).toBe(true)
  })
})
