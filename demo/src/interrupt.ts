/** What shells report of a program that Ctrl-C ended. */
export const INTERRUPTED = 130

export class Interrupted extends Error {}

/**
 * A signal that the first Ctrl-C (or SIGTERM) aborts with `Interrupted`, so that everything can end in order; whoever
 * repeats it does not want to wait for that.
 */
export function onInterrupt(): AbortSignal {
  const interrupt = new AbortController()
  const listen = () => {
    if (interrupt.signal.aborted) process.exit(INTERRUPTED)
    interrupt.abort(new Interrupted())
  }
  process.on('SIGINT', listen)
  process.on('SIGTERM', listen)
  return interrupt.signal
}
