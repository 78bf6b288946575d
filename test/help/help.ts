/** The command line of those commands of this folder that take nothing but `--help`. */
import { parseArgs } from 'node:util'
import { ToolError } from '../../contracts/tool/forge.ts'

/**
 * Whether only help is asked for; it is printed then.
 * @throws ToolError for what it does not know.
 */
export function givesHelp(args: readonly string[], help: string): boolean {
  const { values } = parse(args, help)
  if (values.help === true) console.log(help)
  return values.help === true
}

function parse(args: readonly string[], help: string) {
  try {
    return parseArgs({ args: [...args], options: { help: { type: 'boolean' } } })
  } catch (cause) {
    throw new ToolError(`${(cause as Error).message}\n\n${help}`, { cause })
  }
}
