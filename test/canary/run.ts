// Proves that a failing test fails: runs one that must fail under each runner, and fails itself unless each runner
// found that very failure and exited with 1.
import { spawnSync } from 'node:child_process'
import { forgeBinary, forgeEnvironment, root, ToolError } from '../../contracts/tool/forge.ts'
import { givesHelp } from '../help/help.ts'

const help = `Usage: npm run canary [-- options]

Proves that a failing test fails the run: under forge and under vitest, by one that must fail.

Options:
  --help  print this`

/** Colours would stand between the words that are looked for. */
const plain = { NO_COLOR: '1' }

const runners = {
  forge: () =>
    spawnSync(forgeBinary(), ['test', '--match-path', 'test/canary/Canary.t.sol'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...forgeEnvironment(), ...plain, FOUNDRY_TEST: 'test/canary' },
    }),
  vitest: () =>
    spawnSync('vitest', ['run', '--root', 'test/canary'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ...plain },
    }),
}

function tryAll(): void {
  for (const [runner, run] of Object.entries(runners)) {
    const { status, stdout, stderr } = run()
    const failed = /\b1 failed\b/.test(stdout) && stdout.includes('canary')
    if (status !== 1 || !failed) {
      const unseen = `A failing ${runner} test exited with ${status}: its failures would go unseen.`
      throw new ToolError(`${unseen}\n${stdout}${stderr}`)
    }
    console.log(`${runner}: a failing test is found and exits with 1`)
  }
}

try {
  if (!givesHelp(process.argv.slice(2), help)) tryAll()
} catch (error) {
  console.error(error instanceof ToolError ? error.message : error)
  process.exit(1)
}
