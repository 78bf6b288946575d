import { describe, expect, test } from 'vitest'
import { runCampaign } from '../campaign.ts'
import type { Mutant } from '../mutants.ts'
import type { Outcome, Trial } from '../trial.ts'

const mutants = Array.from({ length: 40 }, (_, i): Mutant => {
  return { id: `${i}`, file: 'C.sol', line: i, operator: 'skip-call', original: '', mutated: '', start: 0, end: 0 }
})
/** Every third does not compile. */
const outcomeOf = (mutant: Mutant): Outcome => (mutant.line % 3 === 0 ? 'uncompiled' : 'killed')
const trialOf = (mutant: Mutant): Trial => ({ id: mutant.id, outcome: outcomeOf(mutant), seconds: 1, killedBy: [] })
const onTrial = () => {}

async function drawn(workers: number, ticks: (mutant: Mutant) => number): Promise<string[]> {
  const attempt = async (mutant: Mutant) => {
    for (let i = 0; i < ticks(mutant); i++) await Promise.resolve()
    return trialOf(mutant)
  }
  const trials = await runCampaign({ mutants, count: 10, workers, known: new Map(), attempt, onTrial })
  return trials.map((trial) => trial.id).sort((a, b) => Number(a) - Number(b))
}

describe('runCampaign', () => {
  test('draws again for what does not compile', async () => {
    expect(await drawn(1, () => 0)).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
      '11',
      '12',
      '13',
      '14',
    ])
  })

  test('draws the same whatever the workers and their speed', async () => {
    const alone = await drawn(1, () => 0)
    expect(await drawn(4, (mutant) => (mutant.line * 7) % 11)).toEqual(alone)
    expect(await drawn(3, (mutant) => 20 - (mutant.line % 20))).toEqual(alone)
  })

  test('tries nothing again that is known', async () => {
    const known = new Map(mutants.map((mutant) => [mutant.id, trialOf(mutant)]))
    const attempt = () => Promise.reject(new Error('tried again'))
    expect(await runCampaign({ mutants, count: 3, workers: 2, known, attempt, onTrial })).toHaveLength(5)
  })

  test('ends when there are no more mutants', async () => {
    const attempt = async (mutant: Mutant) => trialOf(mutant)
    const trials = await runCampaign({ mutants, count: 300, workers: 2, known: new Map(), attempt, onTrial })
    expect(trials).toHaveLength(mutants.length)
  })
})
