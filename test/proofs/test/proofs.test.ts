import { describe, expect, test } from 'vitest'
import { countAssertions, isRefuted, judge } from '../proofs.ts'

const safe = { errorCode: '9576', formattedMessage: 'Info: CHC: Assertion violation check is safe!' }
const undecided = { errorCode: '6328', formattedMessage: 'Warning: CHC: Assertion violation might happen here.' }
const violated = { errorCode: '6328', formattedMessage: 'Warning: CHC: Assertion violation happens here.' }
const noSolver = { errorCode: '3996', formattedMessage: 'Warning: CHC analysis was not possible.' }

describe('judge', () => {
  test('accepts only that every assertion was proved', () => {
    expect(judge([safe, safe], 2)).toEqual({ proved: 2, problems: [] })
    expect(judge([safe], 2).problems).toEqual(['1 of 2 assertions proved'])
  })

  test('takes what was not decided for unproved', () => {
    expect(judge([safe, undecided], 2).problems).toHaveLength(2)
  })

  test('does not take a missing solver for a proof', () => {
    expect(judge([noSolver], 0).problems).toHaveLength(1)
  })
})

describe('isRefuted', () => {
  test('asks for a counterexample', () => {
    expect(isRefuted([violated])).toBe(true)
    expect([[undecided], [safe], [noSolver], []].map((said) => isRefuted(said))).toEqual([false, false, false, false])
  })
})

describe('countAssertions', () => {
  test('leaves comments out', () => {
    expect(countAssertions('assert(a); // assert(b)\n/* assert(c) */ assert (d); assert(e);')).toBe(2)
  })
})
