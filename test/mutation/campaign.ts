/** Tries mutants in their drawn order until enough of them compiled. */
import type { Mutant } from './mutants.ts'
import type { Trial } from './trial.ts'

export type Campaign = {
  /** In drawn order. */
  mutants: readonly Mutant[]
  /** How many that compile. */
  count: number
  workers: number
  /** Found in an earlier run. */
  known: ReadonlyMap<string, Trial>
  /** `worker` counts from 0; one worker tries one mutant at a time. */
  attempt(mutant: Mutant, worker: number): Promise<Trial>
  /** Called after each new trial with all so far. */
  onTrial(trial: Trial, mutant: Mutant, trials: readonly Trial[]): void
}

/**
 * The trials of the first `count` mutants that compile, and of those before them that don't. A mutant is only begun
 * while those begun and found to compile are too few, so the draw is the same whatever the workers and their speed.
 */
export async function runCampaign(campaign: Campaign): Promise<Trial[]> {
  const { mutants, count, known } = campaign
  const trials: Trial[] = []
  let next = 0
  let compiled = 0
  let underWay = 0
  let wake: (() => void)[] = []

  const work = async (worker: number): Promise<void> => {
    while (compiled < count) {
      const mutant = mutants[next]
      if (mutant === undefined) return
      if (compiled + underWay >= count) {
        // What is under way may yet turn out not to compile.
        await new Promise<void>((resolve) => wake.push(resolve))
        continue
      }
      next++
      underWay++
      const earlier = known.get(mutant.id)
      const trial = earlier ?? (await campaign.attempt(mutant, worker))
      underWay--
      if (trial.outcome !== 'uncompiled') compiled++
      trials.push(trial)
      if (!earlier) campaign.onTrial(trial, mutant, trials)
      for (const resolve of wake) resolve()
      wake = []
    }
  }
  await Promise.all(Array.from({ length: campaign.workers }, (_, worker) => work(worker)))
  return trials
}
