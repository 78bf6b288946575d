// `npm run test:mutation`: how many small changes of the contracts the forge tests notice. See test/README.md.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root, ToolError } from '../../contracts/tool/forge.ts'
import { parseSources } from './ast.ts'
import { runCampaign } from './campaign.ts'
import { MutationError } from './error.ts'
import { runTests, stopRuns } from './forge.ts'
import { type Mutant, mutantsOf, shuffle } from './mutants.ts'
import { help, type MutationOptions, readOptions } from './options.ts'
import { formatProgress, formatReport, type Report, REQUIRED_RATE, summarize } from './report.ts'
import { openStore, sourceHash } from './store.ts'
import { readKnownSurvivors } from './survivors.ts'
import { type Target, targets } from './targets.ts'
import { exceptCost, type Trial, tryMutant } from './trial.ts'
import { createTree, keepOutputs, removeFolder } from './workspace.ts'

const folder = path.join(root, '.mati/mutation')
/** For everything at once, compiled from nothing. */
const BASE_TIMEOUT_MS = 900_000

function generate(): { mutant: Mutant; target: Target }[] {
  const trees = parseSources(
    root,
    targets.map((target) => target.file),
  )
  return targets.flatMap((target) => {
    const tree = trees.get(target.file)
    const mutants = tree ? mutantsOf(target.file, tree, readFileSync(path.join(root, target.file))) : []
    return mutants.map((mutant) => ({ mutant, target }))
  })
}

/** A compiled tree in which every test passes: without that, no failure of a mutant's tests says anything. */
async function createCompiledTree(scratch: string): Promise<string> {
  const tree = createTree(root, scratch)
  const run = await runTests(tree, exceptCost, { timeoutMs: BASE_TIMEOUT_MS, linking: 'dynamic' })
  if (run.status === 'passed') {
    keepOutputs(tree)
    return tree
  }
  const tests = run.status === 'failed' ? `: ${run.tests.join(', ')}` : ''
  throw new MutationError(
    `The tests of the unmutated contracts ended as ${run.status}${tests}. Mend them, or name those that ask what ` +
      'code costs in costTests (test/mutation/targets.ts).',
  )
}

async function mutate(options: MutationOptions): Promise<Report> {
  const generated = generate()
  const mutants = generated.map(({ mutant }) => mutant)
  const targetOf = new Map(generated.map(({ mutant, target }) => [mutant.id, target]))
  const store = openStore(path.join(folder, `${options.seed}-${sourceHash(root)}.jsonl`))
  console.log(
    `${mutants.length} mutants of ${targets.length} files; drawing ${options.count} with --seed ${options.seed}`,
  )
  const scratch = path.join(folder, `run-${process.pid}`)
  process.on('exit', () => removeFolder(scratch))
  const trees = await Promise.all(Array.from({ length: options.workers }, () => createCompiledTree(scratch)))
  const start = Date.now()
  let fresh = 0
  const trials = await runCampaign({
    mutants: shuffle(mutants, options.seed),
    count: options.count,
    workers: options.workers,
    known: new Map(store.trials),
    attempt: (mutant, worker) => {
      const [tree, target] = [trees[worker], targetOf.get(mutant.id)]
      if (tree === undefined || target === undefined) throw new MutationError(`Nothing tries mutant ${mutant.id}.`)
      return tryMutant(tree, mutant, target, options.timeoutMs)
    },
    onTrial: (trial, mutant, all) => {
      store.add(trial)
      if (trial.outcome !== 'uncompiled') fresh++
      const done = count(all)
      const left = options.count - done.killed - done.survived
      const etaMs = fresh === 0 ? 0 : ((Date.now() - start) / fresh) * left
      const where = `${path.basename(mutant.file)}:${mutant.line} ${mutant.operator}`
      console.log(`${formatProgress(done, { count: options.count, etaMs })}  ${trial.outcome}  ${where}`)
    },
  })
  return summarize(trials, { seed: options.seed, mutants, reasons: readKnownSurvivors() })
}

function count(trials: readonly Trial[]): { killed: number; survived: number } {
  const killed = trials.filter(({ outcome }) => outcome === 'killed' || outcome === 'timeout').length
  return { killed, survived: trials.filter(({ outcome }) => outcome === 'survived').length }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    stopRuns()
    console.error('\nStopped. The same command goes on from here.')
    process.exit(code)
  })
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === null) {
    console.log(help)
  } else {
    const report = await mutate(options)
    console.log(formatReport(report))
    if (report.drawn < options.count)
      console.log(`Only ${report.drawn} mutants compile: there are no ${options.count}.`)
    if (report.rate < REQUIRED_RATE) console.log(`Too few: at least ${REQUIRED_RATE * 100}% have to be killed.`)
    if (options.json) console.log(JSON.stringify({ mutation: report }))
    process.exitCode = report.rate < REQUIRED_RATE ? 1 : 0
  }
} catch (error) {
  stopRuns()
  console.error(error instanceof MutationError || error instanceof ToolError ? error.message : error)
  process.exit(1)
}
