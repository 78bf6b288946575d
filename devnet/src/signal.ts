/** Wakes whoever waits; a notification that nobody waited for is not lost. */
export interface Signal {
  notify(): void
  /** Resolves at the next notification, or after the time-out. */
  wait(timeoutMs: number): Promise<void>
}

export function createSignal(): Signal {
  let pending = false
  const waiting = new Set<() => void>()
  return {
    notify() {
      if (waiting.size === 0) pending = true
      waiting.forEach((wake) => wake())
    },
    wait(timeoutMs) {
      if (pending) {
        pending = false
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, timeoutMs)
        waiting.add(wake)
      })
    },
  }
}
