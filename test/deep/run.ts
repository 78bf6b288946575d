// `npm run test:deep`: every forge test, far longer than at each change. Goes through all runs, and fails if any did.
import { spawnSync } from 'node:child_process'
import { forgeBinary, forgeEnvironment, root, ToolError } from '../../contracts/tool/forge.ts'
import { type DeepRun, deepRuns } from './plan.ts'

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

try {
  const failed = deepRuns.filter((run, index) => !passes(run, index))
  for (const run of failed) console.error(`failed: ${run.name}`)
  process.exitCode = failed.length === 0 ? 0 : 1
} catch (error) {
  console.error(error instanceof ToolError ? error.message : error)
  process.exit(1)
}
