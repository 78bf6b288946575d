/** The examples' command lines. */
import { parseArgs } from 'node:util'

/**
 * What stands on the command line beside options. Ends the example if only help is asked for, and for what it does not
 * know.
 * @param most How many arguments it takes.
 */
export function readArguments(help: string, most: 0 | 1): string[] {
  try {
    const { values, positionals } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: most > 0 })
    if (positionals.length > most) throw new TypeError(`Unexpected argument '${positionals[most]}'`)
    if (values.help !== true) return positionals
    console.log(help)
    process.exit(0)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`)
    process.exit(1)
  }
}
