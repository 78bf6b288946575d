import { describe, expect, test } from 'vitest'
import { rateOf } from '../bridge/rate.ts'
import { formatTable, judge, toJson } from '../bridge/report.ts'
import { type BridgeRow, bridgeRows, median } from '../bridge/rows.ts'

const rows: BridgeRow[] = [
  { name: 'send', unit: 'gas', bar: { mostTimes: 3, of: 'bare' } },
  { name: 'bare', unit: 'gas', bar: null },
  { name: 'latency', unit: 'blocks', bar: { most: 2 } },
  { name: 'rate', unit: 'per second', bar: { least: 150 } },
]

function judged(send: number, latency: number, rate: number) {
  const values: [string, number][] = [
    ['send', send],
    ['bare', 100_000],
    ['latency', latency],
    ['rate', rate],
  ]
  return judge(rows, new Map(values))
}

describe('judge', () => {
  test('takes what equals its bar', () => {
    expect(judged(300_000, 2, 150).map(({ isKept }) => isKept)).toEqual([true, null, true, true])
  })

  test('takes nothing beyond it', () => {
    expect(judged(300_001, 2.5, 149.9).map(({ isKept }) => isKept)).toEqual([false, null, false, false])
  })

  test('wants every row measured, and every measurement to be a row', () => {
    expect(() => judge(rows, new Map())).toThrow('measures send')
    expect(() => judge([], new Map([['mint', 1]]))).toThrow('rows.ts: mint')
  })
})

test('formatTable says what is met and what is missed', () => {
  expect(formatTable(judged(300_001, 2, 149.9))).toBe(
    [
      'row        value  unit        bar',
      '-------  -------  ----------  -------------------------  ------',
      'send     300,001  gas         at most 300,000: 3 × bare  MISSED',
      'bare     100,000  gas',
      'latency        2  blocks      at most 2                  met',
      'rate       149.9  per second  at least 150               MISSED',
    ].join('\n'),
  )
})

test('toJson has name, value and unit of each', () => {
  expect(toJson(judged(1, 2, 3)).rows[0]).toEqual({ name: 'send', value: 1, unit: 'gas' })
  expect(toJson(judged(1, 2, 3)).bench).toBe('bridge')
})

test('every bar that names a row names one there is', () => {
  const names = bridgeRows.map(({ name }) => name)
  const named = bridgeRows.flatMap(({ bar }) => (bar && 'of' in bar ? [bar.of] : []))
  expect(named.length).toBeGreaterThan(0)
  expect(names).toEqual(expect.arrayContaining(named))
})

describe('median', () => {
  test('is the middle one, or the mean of the two', () => {
    expect(median([30, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 30])).toBe(3)
  })

  test('is nothing of nothing', () => {
    expect(() => median([])).toThrow('nothing was measured')
  })
})

describe('rateOf', () => {
  const credited = (block: bigint, ms: number, count: number) => Array.from({ length: count }, () => ({ block, ms }))

  test('leaves out those of the first block', () => {
    const all = [...credited(9n, 1_500, 40), ...credited(7n, 1_000, 30), ...credited(11n, 2_000, 20)]
    expect(rateOf(all)).toEqual({ perSecond: 60, blocks: 5, inEach: 30 })
  })

  test('is not to be had of one block, or of one that was not seen', () => {
    expect(() => rateOf(credited(7n, 1_000, 30))).toThrow('one block')
    expect(() => rateOf([...credited(7n, 1, 1), ...credited(8n, Number.NaN, 1)])).toThrow('Block 8 was not seen')
  })
})
