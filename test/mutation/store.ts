/** The trials so far, one JSON object a line, so that a run that was stopped goes on where it was. */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { sourceParts } from './workspace.ts'
import type { Trial } from './trial.ts'

export type TrialStore = { trials: Map<string, Trial>; add(trial: Trial): void }

/** What was found under this seed for exactly these sources and tests. */
export function openStore(file: string): TrialStore {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const trials = new Map(lines.flatMap(readLine).map((trial) => [trial.id, trial]))
  mkdirSync(path.dirname(file), { recursive: true })
  return {
    trials,
    add(trial) {
      // A line of its own even after one that was cut short.
      appendFileSync(file, `\n${JSON.stringify(trial)}`)
      trials.set(trial.id, trial)
    },
  }
}

/** None for a line that was cut short when the process ended. */
function readLine(line: string): Trial[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Trial]
  } catch {
    return []
  }
}

/** Of every file the tests stand on and of the mutator itself: a change of either makes old trials void. */
export function sourceHash(root: string): string {
  const patterns = [
    ...sourceParts.flatMap((part) => [part, `${part}/**/*.*`]),
    'test/mutation/*.ts',
    'package-lock.json',
  ]
  const files = globSync(patterns, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  const hash = createHash('sha256')
  for (const file of [...new Set(files)].sort()) {
    hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex').slice(0, 12)
}
