/** What was measured, as a table and as an object, and what is wrong with it. Pure. */
import { BenchError } from '../error.ts'
import type { Measurements } from './measure.ts'
import type { GasRow } from './rows.ts'
import type { Snapshot } from './snapshot.ts'

/** A row with what it costs now and what was accepted last; null if it is new. */
export type MeasuredRow = GasRow & { gas: number; accepted: number | null; reason: string | null }

/**
 * Puts what was measured beside what was expected.
 * @throws BenchError unless the bench measured exactly the rows there are.
 */
export function compare(
  rows: readonly GasRow[],
  options: { measured: Measurements; snapshot: Snapshot },
): MeasuredRow[] {
  const { measured, snapshot } = options
  const names = new Set(rows.map(({ name }) => name))
  const unknown = [...measured.keys()].filter((name) => !names.has(name))
  if (unknown.length > 0) throw new BenchError(`Add to test/bench/gas/rows.ts: ${unknown.join(', ')}.`)
  return rows.map((row) => {
    const gas = measured.get(row.name)
    if (gas === undefined) throw new BenchError(`Nothing in test/bench/gas measures ${row.name}.`)
    const accepted = snapshot.get(row.name)
    return { ...row, gas, accepted: accepted?.gas ?? null, reason: accepted?.reason ?? null }
  })
}

/** Accepts what was measured. Reasons stay. */
export function toSnapshot(rows: readonly MeasuredRow[]): Snapshot {
  return new Map(rows.map(({ name, gas, reason }) => [name, reason === null ? { gas } : { gas, reason }]))
}

/** Why `--check` fails, one line each: none if it holds. */
export function findProblems(rows: readonly MeasuredRow[]): string[] {
  return rows.flatMap((row) => {
    const { name, gas, accepted, bar, reason } = row
    const problems: string[] = []
    if (accepted === null) problems.push(`${name} is not in the snapshot.`)
    else if (gas > accepted)
      problems.push(`${name} rose by ${count(gas - accepted)}: ${count(accepted)} to ${count(gas)}.`)
    if (bar !== null && gas > bar && reason === null) {
      problems.push(`${name} is ${count(gas - bar)} above its bar of ${count(bar)}, and nothing says why.`)
    }
    return problems
  })
}

/** What `--check` lets pass but somebody should know. */
export function findRemarks(rows: readonly MeasuredRow[]): string[] {
  return rows.flatMap(({ name, gas, accepted, bar, reason }) => {
    const remarks: string[] = []
    if (accepted !== null && gas < accepted) remarks.push(`${name} fell by ${count(accepted - gas)}.`)
    if (reason !== null && (bar === null || gas <= bar)) remarks.push(`${name} no longer needs its reason: ${reason}`)
    return remarks
  })
}

export const advice = `Make it cheaper, or accept it: npm run bench -- gas --update, and for a row above its bar a "reason" in
test/bench/gas.json.`

export function formatTable(rows: readonly MeasuredRow[]): string {
  const head = ['row', 'gas', 'bar', 'above', 'peer gas', 'peer', 'since snapshot']
  const cells = rows.map(({ name, gas, bar, peer, accepted }) => [
    name,
    count(gas),
    bar === null ? '' : count(bar),
    bar === null || gas <= bar ? '' : count(gas - bar),
    peer === null ? '' : count(peer.gas),
    peer?.name ?? '',
    accepted === null ? 'new' : accepted === gas ? '' : signed(gas - accepted),
  ])
  const isText = (column: number) => column === 0 || column === 5
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)))
  const format = (line: readonly string[]) =>
    line
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [format(head), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(format)].join('\n')
}

/** What `--json` prints. */
export function toJson(rows: readonly MeasuredRow[]) {
  return {
    bench: 'gas',
    rows: rows.map(({ name, gas, peer }) => ({ name, gas, peer: peer?.name ?? null, peerGas: peer?.gas ?? null })),
  }
}

function count(gas: number): string {
  return gas.toLocaleString('en-US')
}

function signed(gas: number): string {
  return gas > 0 ? `+${count(gas)}` : count(gas)
}
