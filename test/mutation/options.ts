/** The command line of `npm run test:mutation`. */
import { parseArgs } from 'node:util'
import { MutationError } from './error.ts'

export type MutationOptions = { seed: number; count: number; workers: number; timeoutMs: number; json: boolean }

const defaults = { seed: '20261125', count: '300', workers: '2', timeout: '180' }

export const help = `Usage: npm run test:mutation [-- options]

Changes the contracts in small ways, one at a time, and counts how many of the changes some forge test notices.
Fails if that is less than 90%. A run that was stopped goes on where it was when it is started again.

Options:
  --count N    mutants to draw, of those that compile (default ${defaults.count})
  --seed N     decides the draw (default ${defaults.seed})
  --workers N  mutants tried at the same time (default ${defaults.workers})
  --timeout S  seconds for one mutant; running out of them counts as killed, and is said (default ${defaults.timeout})
  --json       print one JSON object as the last line
  --help       print this

What is mutated is listed in test/mutation/targets.ts; survivors that are known, with the reason, in
test/mutation/survivors.json.`

/**
 * Reads the command line.
 * @returns null if only help was asked for.
 * @throws MutationError for what it does not know.
 */
export function readOptions(args: readonly string[]): MutationOptions | null {
  const values = parse(args)
  if (values.help === true) return null
  return {
    seed: readNumber('seed', values.seed, 0),
    count: readNumber('count', values.count, 1),
    workers: readNumber('workers', values.workers, 1),
    timeoutMs: readNumber('timeout', values.timeout, 1) * 1_000,
    json: values.json === true,
  }
}

function parse(args: readonly string[]) {
  const options = {
    seed: { type: 'string' },
    count: { type: 'string' },
    workers: { type: 'string' },
    timeout: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (cause) {
    throw new MutationError(`${(cause as Error).message}\n\n${help}`, { cause })
  }
}

function readNumber(name: keyof typeof defaults, given: string | undefined, least: number): number {
  const text = given ?? defaults[name]
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > 2 ** 32 - 1) {
    throw new MutationError(`--${name} takes a whole number from ${least} on, not ${text}.`)
  }
  return value
}
