import {
  amountToHold,
  amountToReceive,
  encodePath,
  formatAmount,
  parseAmount,
  parseDuration,
  type Rate,
} from '@mati/sdk'
import { describe, expect, test } from 'vitest'
import { addressOf } from './deployments.ts'

const wad = 10n ** 18n
const rate = (value: bigint, baseDecimals: number, quoteDecimals: number): Rate => ({
  wad: value,
  baseDecimals,
  quoteDecimals,
  updatedAt: 0,
  baseRoundId: 0n,
  quoteRoundId: 0n,
})
const ethUsd = rate(2_500n * wad, 18, 18)
const ethMati = rate(10_000n * wad, 18, 18)
const matiUsdc = rate(wad / 4n, 18, 6)
const bounds = { maxBps: 100, tipBps: 10, maxMessageBps: 200, maxHeadBps: 0 }

describe('amountToHold', () => {
  test('is the due at the rate, and the margin on top', () => {
    const { expected, maxAmount } = amountToHold(50n * wad, ethUsd, 300)
    expect(expected).toBe(20_000_000_000_000_000n)
    expect(maxAmount).toBe(20_600_000_000_000_002n)
  })

  test('is the due itself where it is counted in the token', () => {
    expect(amountToHold(25_000_000n, null, 300)).toEqual({ expected: 25_000_000n, maxAmount: 25_000_000n })
  })

  test('never holds less than the due is worth without a margin', () => {
    const { expected, maxAmount } = amountToHold(1n, rate(3n * wad, 18, 18), 0)
    expect(expected).toBe(0n)
    expect(maxAmount).toBe(1n)
  })
})

describe('amountToReceive', () => {
  test('takes fee, bound and tip on one chain', () => {
    const leg = { rate: rate(2_500n * wad, 18, 6), bounds, isSent: false }
    // 0.02 WETH, half a percent fee, then 1% and 0.1% below 49.75 USDC.
    expect(amountToReceive(20_000_000_000_000_000n, 50, [leg])).toEqual({ fair: 49_750_000n, least: 49_203_247n })
  })

  test('takes both bounds, both tips and the message across chains', () => {
    const legs = [
      { rate: ethMati, bounds, isSent: true },
      { rate: matiUsdc, bounds, isSent: false },
    ]
    // 200 MATI · 0.99 · 0.999 · 0.98 = 193.84596, then 48.46149 USDC · 0.99 · 0.999.
    expect(amountToReceive(20_000_000_000_000_000n, 0, legs)).toEqual({ fair: 50_000_000n, least: 47_928_898n })
  })

  test('takes the most that a head may cost, together with the tip', () => {
    const leg = { rate: null, bounds: { ...bounds, maxHeadBps: 50 }, isSent: false }
    expect(amountToReceive(25_000_000n, 0, [leg])).toEqual({ fair: 25_000_000n, least: 24_850_000n })
  })

  test('takes only the tip where nothing is converted', () => {
    const leg = { rate: null, bounds, isSent: false }
    expect(amountToReceive(25_000_000n, 0, [leg])).toEqual({ fair: 25_000_000n, least: 24_975_000n })
  })

  test('cuts what is sent to the shared decimals', () => {
    const leg = { rate: null, bounds: { maxBps: 0, tipBps: 0, maxMessageBps: 0, maxHeadBps: 0 }, isSent: true }
    expect(amountToReceive(wad + 10n ** 12n - 1n, 0, [leg])).toEqual({ fair: wad + 10n ** 12n - 1n, least: wad })
  })
})

describe('parseAmount', () => {
  test.each([
    ['49.99', 6, 49_990_000n],
    ['0', 18, 0n],
    ['1', 0, 1n],
    ['1.5', 0, null],
    ['1.1234567', 6, null],
    ['-1', 6, null],
    ['1e3', 6, null],
    ['.5', 6, null],
    ['', 6, null],
  ])('%s with %s decimals is %s', (amount, decimals, units) => {
    expect(parseAmount(amount, decimals)).toBe(units)
  })
})

describe('formatAmount', () => {
  test.each([
    [49_990_000n, 6, undefined, '49.99'],
    [1n, 18, undefined, '0.000000000000000001'],
    [-1_500n, 3, undefined, '-1.5'],
    [100n, 0, undefined, '100'],
    [1_999_999n, 6, 2, '1.99'],
    [0n, 6, undefined, '0'],
  ])('%s with %s decimals', (amount, decimals, maxDecimals, written) => {
    expect(formatAmount(amount, decimals, maxDecimals)).toBe(written)
  })
})

describe('parseDuration', () => {
  test.each([
    ['90s', 90],
    ['15m', 900],
    ['1h', 3_600],
    ['2d', 172_800],
    ['-1h', -3_600],
    ['1.5h', null],
    ['1w', null],
    ['60', null],
  ])('%s is %s', (written, seconds) => {
    expect(parseDuration(written)).toBe(seconds)
  })
})

describe('encodePath', () => {
  test('packs tokens and fees in turn', () => {
    expect(encodePath([addressOf(1), addressOf(2), addressOf(3)], [3_000, 500])).toBe(
      `0x${'0'.repeat(39)}1000bb8${'0'.repeat(39)}20001f4${'0'.repeat(39)}3`,
    )
  })

  test('refuses a fee too many or too few', () => {
    expect(() => encodePath([addressOf(1), addressOf(2)], [])).toThrow(RangeError)
    expect(() => encodePath([addressOf(1)], [])).toThrow(RangeError)
  })
})
