import { describe, expect, test } from 'vitest'
import { readRun } from '../forge.ts'
import type { Mutant } from '../mutants.ts'
import { readOptions } from '../options.ts'
import { formatReport, summarize } from '../report.ts'
import { parseKnownSurvivors } from '../survivors.ts'
import type { Outcome } from '../trial.ts'

const mutants = ['a', 'b', 'c', 'd'].map((id, i): Mutant => {
  return { id, file: 'C.sol', line: i, operator: 'skip-call', original: 'pay();', mutated: '{}', start: 0, end: 6 }
})
const outcomes: Outcome[] = ['killed', 'timeout', 'survived', 'uncompiled']
const trials = outcomes.map((outcome, i) => ({ id: 'abcd'[i] ?? '', outcome, seconds: 1, killedBy: [] }))

describe('summarize', () => {
  const report = summarize(trials, { seed: 7, mutants, reasons: new Map([['c', 'no effect']]) })

  test('counts a time-out as killed, a known survivor as survived, and no mutant that does not compile', () => {
    expect(report).toMatchObject({ seed: 7, generated: 4, drawn: 3, killed: 2, timedOut: 1, survived: 1, rate: 2 / 3 })
  })

  test('shows a survivor with its reason', () => {
    expect(formatReport(report)).toContain('C.sol:2  skip-call\n    - pay();\n    + {}\n    known: no effect')
    expect(formatReport(report)).toContain('2 of 3 mutants killed (66.6%), 1 of them by running out of time')
  })
})

describe('readRun', () => {
  test('names the tests that failed, once each', () => {
    const line = '[FAIL: NotEqual(1, 2)] test_Pays() (gas: 12)'
    expect(readRun(1, `${line}\nFailing tests:\n${line}`)).toEqual({ status: 'failed', tests: ['test_Pays'] })
  })

  test('tells what does not compile from what fails', () => {
    expect(readRun(1, 'Error: Compiler run failed:')).toEqual({ status: 'uncompiled' })
  })

  test('counts no crash as a kill', () => {
    expect(() => readRun(1, 'out of memory')).toThrow('no failing test')
  })
})

describe('readOptions', () => {
  test('has defaults', () => {
    expect(readOptions([])).toEqual({ seed: 20261125, count: 300, workers: 2, timeoutMs: 180_000, json: false })
  })

  test.each([['--count', '0'], ['--seed', 'x'], ['--what']])('rejects %s %s', (...args) => {
    expect(() => readOptions(args.filter((arg) => arg !== undefined))).toThrow('--')
  })
})

describe('parseKnownSurvivors', () => {
  test('asks for a reason', () => {
    expect(() => parseKnownSurvivors('{"a": " "}')).toThrow('without a reason')
  })
})
