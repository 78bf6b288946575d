import { globSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { deepRuns } from '../plan.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const testFiles = globSync('test/contracts/**/*.t.sol', { cwd: root })

/** Whether forge runs the file: its path globs are the same as Node's, `{a,b}` included. */
function includes(args: readonly string[], file: string): boolean {
  const [option, glob = ''] = args
  return path.matchesGlob(file, glob) === (option === '--match-path')
}

test('runs every forge test exactly once', () => {
  expect(testFiles).not.toHaveLength(0)
  const counts = testFiles.map((file) => [file, deepRuns.filter(({ args }) => includes(args, file)).length])
  expect(counts).toEqual(testFiles.map((file) => [file, 1]))
})
