/** The command line of `npm run test:crossing`. */
import { parseArgs } from 'node:util'
import { MatiError } from '@mati/sdk'
import { parseCommandLine } from '../../demo/src/options.ts'

export type CrossingOptions = {
  seed: number
  /** Payments that are made, beside those that faults make. */
  payments: number
  /** MATI sent by holders, beside what faults send. */
  sends: number
  /** How often each fault is to be shown. */
  faults: number
}

const defaults: CrossingOptions = { seed: 1, payments: 300, sends: 80, faults: 5 }

export const help = `Usage: npm run test:crossing [-- options]

Plays payments, payouts and every fault at random over three chains, and accounts for every unit.

Options:
  --seed N      what is drawn (default ${defaults.seed})
  --payments N  payments beside those of the faults (default ${defaults.payments})
  --sends N     sends of MATI by holders beside those of the faults (default ${defaults.sends})
  --faults N    how often each fault is shown (default ${defaults.faults})
  --help        print this`

/**
 * Reads the command line.
 * @returns null if only help is asked for.
 * @throws MatiError for what it does not know.
 */
export function readOptions(args: readonly string[]): CrossingOptions | null {
  const string = { type: 'string' } as const
  const options = { seed: string, payments: string, sends: string, faults: string, help: { type: 'boolean' } } as const
  const { values } = parseCommandLine(() => parseArgs({ args: [...args], options }), 'test:crossing')
  if (values.help) return null
  const numberOf = (name: keyof CrossingOptions) => {
    const value = values[name]
    if (value === undefined) return defaults[name]
    if (/^\d{1,9}$/.test(value)) return Number(value)
    const action = `Pass a whole number of at most nine digits, such as --${name} ${defaults[name]}.`
    throw new MatiError(`--${name} is no whole number: ${value}`, { code: 'BAD_ARGUMENTS', action })
  }
  return {
    seed: numberOf('seed'),
    payments: numberOf('payments'),
    sends: numberOf('sends'),
    faults: numberOf('faults'),
  }
}
