/** Runs forge's tests in a scratch tree, and says how they ended. */
import { spawn } from 'node:child_process'
import { forgeBinary, forgeEnvironment } from '../../contracts/tool/forge.ts'
import { MutationError } from './error.ts'

export type TestRun =
  { status: 'passed' } | { status: 'failed'; tests: string[] } | { status: 'uncompiled' | 'timeout' }

/** Ends every run that is under way, compilers and all: forge and what it starts are a process group each. */
export function stopRuns(): void {
  for (const pid of running) stop(pid)
}
const running = new Set<number>()

function stop(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}

export type TestRunOptions = {
  timeoutMs: number
  /** `dynamic`: tests hold no copy of a contract's bytecode, and need not be compiled again with it. */
  linking: 'dynamic' | 'static'
}

/** Runs `forge test` on one thread with the `mutation` profile. */
export async function runTests(tree: string, args: readonly string[], options: TestRunOptions): Promise<TestRun> {
  const env = {
    ...forgeEnvironment(),
    NO_COLOR: '1',
    FOUNDRY_PROFILE: 'mutation',
    FOUNDRY_DYNAMIC_TEST_LINKING: String(options.linking === 'dynamic'),
    FOUNDRY_LINT_LINT_ON_BUILD: 'false',
  }
  const child = spawn(forgeBinary(), ['test', '--threads', '1', ...args], {
    cwd: tree,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    if (pid !== undefined) stop(pid)
  }, options.timeoutMs)
  if (pid !== undefined) running.add(pid)
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
    return isLate ? { status: 'timeout' } : readRun(code, output)
  } finally {
    clearTimeout(timer)
    if (pid !== undefined) running.delete(pid)
  }
}

/**
 * How a run ended, from its exit code and output.
 * @throws MutationError for an end that says nothing about the tests: counting it as a kill would flatter them.
 */
export function readRun(code: number | null, output: string): TestRun {
  if (code === 0) return { status: 'passed' }
  // The summary at the end names suites; with --fail-fast there may be none, and the lines of the tests must do.
  const summary = output.slice(Math.max(0, output.indexOf('Failing tests:')))
  const tests = summary
    .split('\n')
    .filter((line) => line.startsWith('[FAIL'))
    .map((line) => line.match(/(\w+)\([^()]*\) \((?:runs|gas|calls)[^)]*\)$/)?.[1] ?? line)
  if (tests.length > 0) return { status: 'failed', tests: [...new Set(tests)] }
  if (output.includes('Compiler run failed')) return { status: 'uncompiled' }
  throw new MutationError(`forge ended with ${code ?? 'a signal'} and no failing test:\n${output.slice(-2_000)}`)
}
