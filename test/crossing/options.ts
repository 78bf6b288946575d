/** The command line of `npm run test:crossing`. */
import { parseArgs } from 'node:util'

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

export const help = `Usage: npm run test:crossing -- [options]

Options:
  --seed N      what is drawn, by default ${defaults.seed}
  --payments N  payments beside those of the faults, by default ${defaults.payments}
  --sends N     sends of MATI by holders beside those of the faults, by default ${defaults.sends}
  --faults N    how often each fault is shown, by default ${defaults.faults}
  --help        print this`

/**
 * Reads the command line.
 * @returns null if only help is asked for.
 * @throws TypeError or RangeError for what it does not know.
 */
export function readOptions(args: readonly string[]): CrossingOptions | null {
  const string = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { seed: string, payments: string, sends: string, faults: string, help: { type: 'boolean' } },
  })
  if (values.help) return null
  const numberOf = (name: keyof CrossingOptions) => {
    const value = values[name]
    if (value === undefined) return defaults[name]
    if (!/^\d{1,9}$/.test(value)) throw new RangeError(`--${name} must be a whole number.\n\n${help}`)
    return Number(value)
  }
  return {
    seed: numberOf('seed'),
    payments: numberOf('payments'),
    sends: numberOf('sends'),
    faults: numberOf('faults'),
  }
}
