/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util'
import { BenchError } from './error.ts'

/** Every bench there is, with what it tells. */
export const benches = {
  gas: 'what every call costs, each as a transaction of its own',
  bridge: 'what messages cost, how soon and how fast the keeper delivers them',
} as const

export type BenchName = keyof typeof benches

export type BenchOptions = { bench: BenchName; check: boolean; update: boolean; json: boolean }

export const help = `Usage: npm run bench -- <bench> [options]

Benches:
${Object.entries(benches)
  .map(([name, what]) => `  ${name.padEnd(9)}${what}`)
  .join('\n')}

Options:
  --check   fail if a row rose above its snapshot, or is above its bar without a reason
  --update  write what was measured into the snapshot; reasons are kept
  --json    print one JSON object as the last line
  --help    print this

The snapshot is test/bench/<bench>.json: { "<row>": { "gas": 1, "reason": "why it may be above its bar" } }.`

/**
 * Reads the command line.
 * @returns null if no bench was named: then help is all there is to give.
 * @throws BenchError for what it does not know.
 */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const { values, positionals } = parse(args)
  const [bench, ...others] = positionals
  if (values.help === true || bench === undefined) return null
  if (!isBench(bench) || others.length > 0) {
    throw new BenchError(`No bench is named ${positionals.join(' ')}.\n\n${help}`)
  }
  const { check = false, update = false, json = false } = values
  if (check && update) throw new BenchError('Either --check or --update: what was just written is never above itself.')
  return { bench, check, update, json }
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const
  const options = { check: flag, update: flag, json: flag, help: flag }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (cause) {
    throw new BenchError(`${(cause as Error).message}\n\n${help}`, { cause })
  }
}

function isBench(name: string): name is BenchName {
  return Object.hasOwn(benches, name)
}
