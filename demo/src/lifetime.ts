/** How long several processes live: together, from the first one's beginning to the first one's end. */

export type Lifetime = {
  /** Aborted when it is over. */
  signal: AbortSignal
  /** Rejects with why it is over; never resolves. */
  ended: Promise<never>
  /** Says that it is over, and why; the first reason counts. */
  end: (reason: unknown) => void
  /** Waits for a part to start. Whatever happens meanwhile, the part is ended with the others. */
  begin: <Part extends { stop: () => Promise<unknown> }>(starting: Promise<Part>) => Promise<Part>
  /** Waits for some work, or for the end. */
  within: <Result>(work: Promise<Result>) => Promise<Result>
  /** Ends all parts, the last one first, those still starting included, and waits for that. */
  stop: () => Promise<void>
}

/** @param outside What else ends it. */
export function createLifetime(outside?: AbortSignal): Lifetime {
  const over = new AbortController()
  const ending = Promise.withResolvers<never>()
  ending.promise.catch(() => {}) // Whoever races on it hears of it.
  const parts: Promise<{ stop: () => Promise<unknown> }>[] = []

  const end = (reason: unknown) => {
    ending.reject(reason)
    over.abort(reason)
  }
  const within = <Result>(work: Promise<Result>) => Promise.race([work, ending.promise])
  if (outside?.aborted) end(outside.reason)
  outside?.addEventListener('abort', () => end(outside.reason), { once: true })
  return {
    signal: over.signal,
    ended: ending.promise,
    end,
    within,
    begin(starting) {
      parts.push(starting)
      return within(starting)
    },
    async stop() {
      end(new Error('stopped'))
      for (const part of parts.splice(0).toReversed()) {
        const started = await part.catch(() => null) // One that did not start has ended what it began.
        await started?.stop()
      }
    },
  }
}
