import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Does something again and again until aborted, with a pause after each time.
 * @param wake Ends the pause early when called; given to `onWake` once.
 */
export async function repeat(
  work: () => Promise<void>,
  { everyMs, signal, onWake }: { everyMs: number; signal: AbortSignal; onWake?: (wake: () => void) => void },
): Promise<void> {
  let pause = new AbortController()
  onWake?.(() => pause.abort())
  while (!signal.aborted) {
    // Before the work, so that who calls during it is not forgotten.
    pause = new AbortController()
    await work()
    await sleep(everyMs, undefined, { signal: AbortSignal.any([signal, pause.signal]) }).catch(() => undefined)
  }
}
