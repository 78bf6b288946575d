import { encodeAbiParameters, parseAbiParameters, toEventSelector } from 'viem'
import { describe, expect, test } from 'vitest'
import { readMeasurements } from '../gas/measure.ts'
import { compare, findProblems, findRemarks, formatTable, toJson, toSnapshot } from '../gas/report.ts'
import { gasRows, type GasRow } from '../gas/rows.ts'
import { formatSnapshot, parseSnapshot, readSnapshot, type Accepted } from '../gas/snapshot.ts'

const peer = { name: 'commerce-payments', gas: 54_786 }
const rows: GasRow[] = [
  { name: 'void', bar: 54_700, peer },
  { name: 'withdraw', bar: null, peer: null },
]

function compared(gas: [number, number], accepted: Record<string, Accepted>) {
  const measured = new Map(rows.map(({ name }, i) => [name, gas[i] ?? 0]))
  return compare(rows, { measured, snapshot: new Map(Object.entries(accepted)) })
}

describe('readMeasurements', () => {
  const selector = toEventSelector('Measured(string,uint256)')
  const data = encodeAbiParameters(parseAbiParameters('string, uint256'), ['void', 51_587n])
  const output = (status: string, reason: string | null) =>
    JSON.stringify({
      'test/bench/gas/A.t.sol:A': {
        test_results: {
          'test_Void()': {
            status,
            reason,
            logs: [
              { topics: ['0x01'], data: '0x' },
              { topics: [selector], data },
            ],
          },
        },
      },
    })

  test('takes what the bench told, and no other event', () => {
    expect(readMeasurements(output('Success', null))).toEqual(new Map([['void', 51_587]]))
  })

  test('refuses what comes of a failed test', () => {
    expect(() => readMeasurements(output('Failure', 'NotTrue("held")'))).toThrow('test_Void(): NotTrue("held")')
  })
})

describe('compare', () => {
  test('wants every row measured', () => {
    const measured = new Map([['void', 1]])
    expect(() => compare(rows, { measured, snapshot: new Map() })).toThrow('measures withdraw')
  })

  test('wants every measurement to be a row', () => {
    const measured = new Map([
      ['void', 1],
      ['withdraw', 1],
      ['mint', 1],
    ])
    expect(() => compare(rows, { measured, snapshot: new Map() })).toThrow('rows.ts: mint')
  })
})

describe('findProblems', () => {
  test('has none where nothing rose and the bar is kept', () => {
    expect(findProblems(compared([54_700, 1], { void: { gas: 54_700 }, withdraw: { gas: 2 } }))).toEqual([])
  })

  test('says what rose, and by how much', () => {
    expect(findProblems(compared([51_588, 3], { void: { gas: 51_587 }, withdraw: { gas: 1 } }))).toEqual([
      'void rose by 1: 51,587 to 51,588.',
      'withdraw rose by 2: 1 to 3.',
    ])
  })

  test('wants a reason above the bar', () => {
    const gas = 54_701
    expect(findProblems(compared([gas, 1], { void: { gas }, withdraw: { gas: 1 } }))).toEqual([
      'void is 1 above its bar of 54,700, and nothing says why.',
    ])
    expect(findProblems(compared([gas, 1], { void: { gas, reason: 'a check' }, withdraw: { gas: 1 } }))).toEqual([])
  })

  test('wants every row accepted once', () => {
    expect(findProblems(compared([1, 1], { void: { gas: 1 } }))).toEqual(['withdraw is not in the snapshot.'])
  })
})

test('findRemarks says what fell, and which reason is not needed', () => {
  expect(
    findRemarks(compared([54_700, 1], { void: { gas: 54_701, reason: 'a check' }, withdraw: { gas: 1 } })),
  ).toEqual(['void fell by 1.', 'void no longer needs its reason: a check'])
})

test('formatTable puts bar, peer and snapshot beside each row', () => {
  expect(formatTable(compared([54_701, 9_000], { void: { gas: 54_000 } }))).toBe(
    [
      'row          gas     bar  above  peer gas  peer               since snapshot',
      '--------  ------  ------  -----  --------  -----------------  --------------',
      'void      54,701  54,700      1    54,786  commerce-payments            +701',
      'withdraw   9,000                                                         new',
    ].join('\n'),
  )
})

test('toJson says null where there is no peer', () => {
  expect(toJson(compared([1, 2], {}))).toEqual({
    bench: 'gas',
    rows: [
      { name: 'void', gas: 1, peer: 'commerce-payments', peerGas: 54_786 },
      { name: 'withdraw', gas: 2, peer: null, peerGas: null },
    ],
  })
})

describe('snapshot', () => {
  test('keeps reasons, and drops rows there are no more', () => {
    const accepted = { mint: { gas: 1 }, void: { gas: 1, reason: 'a check' } }
    const text = formatSnapshot(toSnapshot(compared([2, 3], accepted)))
    const updated = { void: { gas: 2, reason: 'a check' }, withdraw: { gas: 3 } }
    expect(JSON.parse(text)).toEqual(updated)
    expect(parseSnapshot(text)).toEqual(new Map(Object.entries(updated)))
  })

  test.each(['{"void": 1}', '{"void": {"gas": "1"}}', '{"void": {"gas": 1, "reason": " "}}'])('rejects %s', (text) => {
    expect(() => parseSnapshot(text)).toThrow('nothing usable of void')
  })

  test('that is committed has exactly the rows there are', () => {
    expect([...readSnapshot().keys()]).toEqual(gasRows.map(({ name }) => name))
  })
})
