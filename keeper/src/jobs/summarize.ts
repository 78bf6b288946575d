import type { Outcome } from './job.ts'

/**
 * One outcome for several tries, each of which was made whatever became of the others (invariant 14). Pure.
 * @throws the first error, if there was any and nothing was done
 */
export function summarize(results: readonly PromiseSettledResult<Outcome>[]): Outcome {
  const outcomes = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const hashes = outcomes.flatMap((outcome) => (outcome.status === 'done' ? outcome.hashes : []))
  if (hashes.length > 0) return { status: 'done', hashes }

  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  const later = outcomes.find((outcome) => outcome.status === 'later')
  return later ?? outcomes[0] ?? { status: 'nothing', reason: 'there was nothing to try' }
}
