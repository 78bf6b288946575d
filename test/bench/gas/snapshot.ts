/** What was measured when it was last accepted: `test/bench/gas.json`. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { BenchError } from '../error.ts'

/** `reason`: why it may be above its bar. */
export type Accepted = { gas: number; reason?: string }

/** By the row's name. */
export type Snapshot = Map<string, Accepted>

const file = path.join(import.meta.dirname, '../gas.json')

export function readSnapshot(): Snapshot {
  return parseSnapshot(readFileSync(file, 'utf8'))
}

export function writeSnapshot(snapshot: Snapshot): void {
  writeFileSync(file, formatSnapshot(snapshot))
}

export function parseSnapshot(text: string): Snapshot {
  const rows: unknown = JSON.parse(text)
  const entries = typeof rows === 'object' && rows !== null ? Object.entries(rows) : []
  return new Map(
    entries.map(([name, accepted]) => {
      if (isAccepted(accepted)) return [name, accepted]
      throw new BenchError(`test/bench/gas.json says nothing usable of ${name}: write { "gas": 1, "reason": "why" }.`)
    }),
  )
}

function isAccepted(value: unknown): value is Accepted {
  if (typeof value !== 'object' || value === null) return false
  const { gas, reason } = value as { gas?: unknown; reason?: unknown }
  return Number.isSafeInteger(gas) && (reason === undefined || (typeof reason === 'string' && reason.trim() !== ''))
}

export function formatSnapshot(snapshot: Snapshot): string {
  return `${JSON.stringify(Object.fromEntries(snapshot), null, 2)}\n`
}
