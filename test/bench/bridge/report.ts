/** What was measured, as a table and as an object, with the bar beside it and whether it is kept. Pure. */
import { BenchError } from '../error.ts'
import type { Bar, BridgeRow, Measurements } from './rows.ts'

export type MeasuredRow = BridgeRow & { value: number; isKept: boolean | null }

/**
 * Puts what was measured beside its bars.
 * @throws BenchError unless exactly the rows there are were measured.
 */
export function judge(rows: readonly BridgeRow[], measured: Measurements): MeasuredRow[] {
  const names = new Set(rows.map(({ name }) => name))
  const unknown = [...measured.keys()].filter((name) => !names.has(name))
  if (unknown.length > 0) throw new BenchError(`Add to test/bench/bridge/rows.ts: ${unknown.join(', ')}.`)
  return rows.map((row) => {
    const value = valueOf(measured, row.name)
    return { ...row, value, isKept: row.bar && isKept(row.bar, value, measured) }
  })
}

function isKept(bar: Bar, value: number, measured: Measurements): boolean {
  if ('least' in bar) return value >= bar.least
  return value <= ('most' in bar ? bar.most : bar.mostTimes * valueOf(measured, bar.of))
}

function valueOf(measured: Measurements, name: string): number {
  const value = measured.get(name)
  if (value === undefined) throw new BenchError(`Nothing in test/bench/bridge measures ${name}.`)
  return value
}

export function formatTable(rows: readonly MeasuredRow[]): string {
  const cells = rows.map(({ name, value, unit, bar, isKept: kept }) => [
    name,
    count(value),
    unit,
    bar === null ? '' : describe(bar, rows),
    kept === null ? '' : kept ? 'met' : 'MISSED',
  ])
  const head = ['row', 'value', 'unit', 'bar', '']
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)))
  const format = (line: readonly string[]) =>
    line
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [
    format(head),
    widths
      .map((width) => '-'.repeat(width))
      .join('  ')
      .trimEnd(),
    ...cells.map(format),
  ].join('\n')
}

function describe(bar: Bar, rows: readonly MeasuredRow[]): string {
  if ('least' in bar) return `at least ${count(bar.least)}`
  if ('most' in bar) return `at most ${count(bar.most)}`
  const most = bar.mostTimes * (rows.find(({ name }) => name === bar.of)?.value ?? Number.NaN)
  return `at most ${count(most)}: ${bar.mostTimes} × ${bar.of}`
}

export function toJson(rows: readonly MeasuredRow[]) {
  return { bench: 'bridge', rows: rows.map(({ name, value, unit }) => ({ name, value, unit })) }
}

function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}
