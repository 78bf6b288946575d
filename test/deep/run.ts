// `npm run test:deep`: every forge test, far longer than at each change. Goes through all runs, and fails if any did.
import { spawnSync } from 'node:child_process'
import { forgeBinary, forgeEnvironment, root, ToolError } from '../../contracts/tool/forge.ts'
import { givesHelp } from '../help/help.ts'
import { type DeepRun, deepRuns } from './plan.ts'

const help = `Usage: npm run test:deep [-- options]

Runs every forge test far longer than at each change, and fails if any failed:
${deepRuns.map(({ name }) => `  ${name}`).join('\n')}

Options:
  --help  print this`

/** forge's own progress shows each test's runs where there is a terminal. */
const progress = process.stdout.isTTY ? ['--show-progress'] : []

function passes(run: DeepRun, index: number): boolean {
  console.log(`\n=== ${index + 1}/${deepRuns.length}  ${run.name}`)
  const start = Date.now()
  const { status, error } = spawnSync(forgeBinary(), ['test', ...run.args, ...progress], {
    cwd: root,
    stdio: 'inherit',
    env: { ...forgeEnvironment(), FOUNDRY_PROFILE: run.profile },
  })
  if (error) throw error
  console.log(`${status === 0 ? 'passed' : 'FAILED'} after ${Math.round((Date.now() - start) / 1_000)} s: ${run.name}`)
  return status === 0
}

function runAll(): number {
  const failed = deepRuns.filter((run, index) => !passes(run, index))
  for (const run of failed) console.error(`failed: ${run.name}`)
  return failed.length === 0 ? 0 : 1
}

try {
  process.exitCode = givesHelp(process.argv.slice(2), help) ? 0 : runAll()
} catch (error) {
  console.error(error instanceof ToolError ? error.message : error)
  process.exit(1)
}
