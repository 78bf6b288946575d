/** Runs the forge half of the gas bench, and reads what it told. */
import { spawnSync } from 'node:child_process'
import { decodeAbiParameters, type Hex, parseAbiItem, toEventSelector } from 'viem'
import { forgeBinary, forgeEnvironment, root } from '../../../contracts/tool/forge.ts'
import { BenchError } from '../error.ts'

/** Gas by the row's name. */
export type Measurements = Map<string, number>

const measured = parseAbiItem('event Measured(string row, uint256 gas)')
const selector = toEventSelector(measured)

/** With output of its own: where it shares that of the tests, each makes forge forget what it compiled for the other. */
const environment = {
  FOUNDRY_PROFILE: 'default',
  FOUNDRY_TEST: 'test/bench',
  FOUNDRY_OUT: '.mati/bench/out',
  FOUNDRY_CACHE_PATH: '.mati/bench/cache',
  NO_COLOR: '1',
}

/** forge's JSON, as far as it is used here. */
type ForgeOutput = Record<
  string,
  { test_results: Record<string, { status: string; reason: string | null; logs: { topics: Hex[]; data: Hex }[] }> }
>

/**
 * Compiles with the default profile and runs every test of the bench, each call a transaction of its own.
 * @throws BenchError if forge fails.
 */
export function measureGas(): Measurements {
  // Logs are in forge's JSON from -vv on.
  const args = ['test', '--isolate', '--json', '-vv', '--match-path', 'test/bench/gas/*']
  const { status, stdout, stderr, error } = spawnSync(forgeBinary(), args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...forgeEnvironment(), ...environment },
    maxBuffer: 2 ** 28,
  })
  if (error) throw error
  const json = stdout.split('\n').find((line) => line.startsWith('{"test/bench/'))
  if (json === undefined) throw new BenchError(`forge ended with ${status ?? 'a signal'}:\n${stdout}${stderr}`)
  return readMeasurements(json)
}

/**
 * The measurements in forge's JSON.
 * @throws BenchError if a test failed: its rows would be missing, or those of something that did not happen.
 */
export function readMeasurements(json: string): Measurements {
  const tests = Object.values(JSON.parse(json) as ForgeOutput).flatMap(({ test_results }) =>
    Object.entries(test_results),
  )
  const failed = tests.filter(([, { status }]) => status !== 'Success')
  if (failed.length > 0) {
    const lines = failed.map(([name, { reason }]) => `  ${name}: ${reason ?? 'no reason given'}`)
    throw new BenchError(`Some of the bench fails, so nothing was measured:\n${lines.join('\n')}`)
  }
  const logs = tests.flatMap(([, test]) => test.logs).filter(({ topics }) => topics[0] === selector)
  return new Map(
    logs.map(({ data }) => {
      const [row, gas] = decodeAbiParameters(measured.inputs, data)
      return [row, Number(gas)]
    }),
  )
}
