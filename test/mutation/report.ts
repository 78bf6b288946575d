/** What a run found, as an object and as text. Pure. */
import type { Mutant } from './mutants.ts'
import type { Trial } from './trial.ts'

/** The least share of mutants that the tests have to kill. */
export const REQUIRED_RATE = 0.9

export type Survivor = Pick<Mutant, 'id' | 'file' | 'line' | 'operator' | 'original' | 'mutated'> & { reason?: string }

export type Report = {
  seed: number
  /** All mutants there are. */
  generated: number
  /** Those that were drawn and compile: killed + survived. */
  drawn: number
  killed: number
  /** Of the killed, those that no test failed on but that ran out of time. */
  timedOut: number
  survived: number
  rate: number
  survivors: Survivor[]
}

/** Sums up the trials of drawn mutants; `reasons` are those of known survivors, by id. */
export function summarize(
  trials: readonly Trial[],
  options: { seed: number; mutants: readonly Mutant[]; reasons: ReadonlyMap<string, string> },
): Report {
  const { seed, mutants, reasons } = options
  const byId = new Map(mutants.map((mutant) => [mutant.id, mutant]))
  const compiled = trials.filter((trial) => trial.outcome !== 'uncompiled')
  const survivors = compiled
    .filter((trial) => trial.outcome === 'survived')
    .flatMap((trial) => byId.get(trial.id) ?? [])
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
    .map(({ id, file, line, operator, original, mutated }) => {
      const reason = reasons.get(id)
      return { id, file, line, operator, original, mutated, ...(reason === undefined ? {} : { reason }) }
    })
  const killed = compiled.length - survivors.length
  return {
    seed,
    generated: mutants.length,
    drawn: compiled.length,
    killed,
    timedOut: compiled.filter((trial) => trial.outcome === 'timeout').length,
    survived: survivors.length,
    rate: compiled.length === 0 ? 0 : killed / compiled.length,
    survivors,
  }
}

export function formatReport(report: Report): string {
  const lines = report.survivors.map(
    (mutant) =>
      `  ${mutant.id}  ${mutant.file}:${mutant.line}  ${mutant.operator}\n` +
      `    - ${oneLine(mutant.original)}\n    + ${oneLine(mutant.mutated)}` +
      (mutant.reason === undefined ? '' : `\n    known: ${mutant.reason}`),
  )
  const { killed, drawn, timedOut, generated, seed } = report
  const late = timedOut === 0 ? '' : `, ${timedOut} of them by running out of time`
  return [
    ...(lines.length === 0 ? [] : ['Survivors:', ...lines]),
    `${killed} of ${drawn} mutants killed (${percent(report.rate)})${late}; drawn of ${generated} with seed ${seed}`,
  ].join('\n')
}

/** How far a run is: `12/300  11 killed (91.7%)  about 24 min left`. */
export function formatProgress(done: { killed: number; survived: number }, options: { count: number; etaMs: number }) {
  const total = done.killed + done.survived
  const rate = total === 0 ? '' : ` (${percent(done.killed / total)})`
  return `${total}/${options.count}  ${done.killed} killed${rate}  about ${Math.ceil(options.etaMs / 60_000)} min left`
}

/** Rounded down: 89.96% is not the 90% that are asked for. */
function percent(share: number): string {
  return `${(Math.floor(share * 1_000) / 10).toFixed(1)}%`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
