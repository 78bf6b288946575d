/** One mutant against the tests: those of its contract first, then all others, until one fails. */
import { costTests, type Target } from './targets.ts'
import { runTests, type TestRun } from './forge.ts'
import type { Mutant } from './mutants.ts'
import { plant, removeOutputs, restoreOutputs } from './workspace.ts'

export type Outcome = 'killed' | 'timeout' | 'survived' | 'uncompiled'
export type Trial = { id: string; outcome: Outcome; seconds: number; killedBy: string[] }

/** What no run includes. */
export const exceptCost = ['--no-match-test', `^(${costTests.join('|')})\\(`]

/** The arguments of the runs, in order. Paths are globs of forge, which know `{a,b}`. */
export function testPlan(target: Pick<Target, 'testedBy'>): string[][] {
  const first = `{${target.testedBy.map((word) => `test/contracts/**/*${word}*,test/contracts/**/*${word}*/**`).join(',')}}`
  return ['--match-path', '--no-match-path'].map((match) => ['--fail-fast', match, first, ...exceptCost])
}

/** Tries a mutant in a tree whose compiler output was kept, and leaves the tree as it was. */
export async function tryMutant(tree: string, mutant: Mutant, target: Target, timeoutMs: number): Promise<Trial> {
  const start = Date.now()
  const uproot = plant(tree, mutant)
  try {
    const quick = await runInOrder(tree, testPlan(target), start + timeoutMs)
    const run = quick.status === 'passed' ? await confirm(tree, timeoutMs) : quick
    const outcome = run.status === 'passed' ? 'survived' : run.status === 'failed' ? 'killed' : run.status
    const killedBy = run.status === 'failed' ? run.tests : []
    return { id: mutant.id, outcome, seconds: (Date.now() - start) / 1_000, killedBy }
  } finally {
    uproot()
    restoreOutputs(tree)
  }
}

async function runInOrder(tree: string, plan: readonly string[][], deadline: number): Promise<TestRun> {
  for (const args of plan) {
    const run = await runTests(tree, args, { timeoutMs: Math.max(1, deadline - Date.now()), linking: 'dynamic' })
    if (run.status !== 'passed') return run
  }
  return { status: 'passed' }
}

/** Nobody should look for a test against a mutant that was never compiled into one: a survivor is tried from nothing. */
function confirm(tree: string, timeoutMs: number): Promise<TestRun> {
  removeOutputs(tree)
  return runTests(tree, ['--fail-fast', ...exceptCost], { timeoutMs, linking: 'static' })
}
