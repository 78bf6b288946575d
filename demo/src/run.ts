/** The frame around `npm run demo` and `npm start`: options, signals, errors, and an end that leaves nothing behind. */
import path from 'node:path'
import { DeployError } from '@mati/contracts/script/error'
import { ToolError } from '@mati/contracts/tool/forge'
import { DevnetError } from '@mati/devnet'
import { MatiError } from '@mati/sdk'
import { type Stack, startStack } from './stack.ts'
import type { Ports } from './options.ts'

const runDirectory = path.resolve(import.meta.dirname, '../../.mati')

/**
 * Reads options, starts the stack, does the work, ends the stack, and exits: with the work's code, with 130 after
 * Ctrl-C, with 1 and a message that says what to do after an error.
 */
export async function runToEnd<Options extends { ports: Ports }>(
  readOptions: () => Options | null,
  {
    help,
    say,
    work,
  }: { help: string; say: (line: string) => void; work: (stack: Stack, options: Options) => Promise<number> },
): Promise<void> {
  const interrupt = new AbortController()
  let interrupts = 0
  const onSignal = () => {
    // The first one ends everything in order; whoever repeats it does not want to wait for that.
    if (++interrupts > 1) process.exit(INTERRUPTED)
    interrupt.abort(new Interrupted())
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)

  let stack: Stack | undefined
  let code = 1
  try {
    const options = readOptions()
    if (!options) {
      console.log(help)
      process.exit(0)
    }
    stack = await startStack({ ports: options.ports, runDirectory, onStep: say, signal: interrupt.signal })
    code = await Promise.race([work(stack, options), stack.died])
  } catch (error) {
    if (error instanceof Interrupted) code = INTERRUPTED
    else console.error(explain(error))
  }
  await stack?.stop()
  process.exit(code)
}

/** What shells report of a program that Ctrl-C ended. */
const INTERRUPTED = 130

class Interrupted extends Error {}

/** An error as people want it: what happened, and what to do. */
function explain(error: unknown): string {
  if (error instanceof MatiError) {
    return `Error: ${error.message}${/[.!?]$/.test(error.message) ? '' : '.'}\n${error.action}`
  }
  const saysWhatToDo = error instanceof DevnetError || error instanceof DeployError || error instanceof ToolError
  if (saysWhatToDo) return `Error: ${error.message}`
  return error instanceof Error ? `Error: ${error.stack ?? error.message}` : `Error: ${String(error)}`
}
