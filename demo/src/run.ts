/** The frame around `npm run demo` and `npm start`: options, signals, errors, and an end that leaves nothing behind. */
import path from 'node:path'
import { explain } from './explain.ts'
import { Interrupted, INTERRUPTED, onInterrupt } from './interrupt.ts'
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
  const signal = onInterrupt()
  let stack: Stack | undefined
  let code = 1
  try {
    const options = readOptions()
    if (!options) {
      console.log(help)
      process.exit(0)
    }
    stack = await startStack({ ports: options.ports, runDirectory, onStep: say, signal })
    code = await Promise.race([work(stack, options), stack.died])
  } catch (error) {
    if (error instanceof Interrupted) code = INTERRUPTED
    else console.error(explain(error))
  }
  await stack?.stop()
  process.exit(code)
}
