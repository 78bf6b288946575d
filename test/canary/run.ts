// Proves that a failing test fails: runs one that must fail under each runner and fails itself if either one passes.
import { spawnSync } from 'node:child_process'
import { forge, root } from '../../contracts/tool/forge.ts'

process.env['FOUNDRY_TEST'] = 'test/canary'
const runs = {
  forge: forge(['test', '--match-path', 'test/canary/Canary.t.sol'], { quiet: true }),
  vitest: spawnSync('vitest', ['run', '--root', 'test/canary'], { cwd: root, stdio: 'ignore' }).status,
}
for (const [runner, code] of Object.entries(runs)) {
  console.log(`${runner}: a failing test exits with ${code}`)
  if (code !== 1) throw new Error(`A failing ${runner} test exited with ${code}, not 1: its failures would go unseen.`)
}
