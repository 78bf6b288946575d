/** How long one action is left alone after a run: the retry policy, by class of outcome. */
import type { Outcome } from './jobs/job.ts'

export type RunClass = Outcome['status'] | 'retryable' | 'permanent'

type Policy = { firstMs: number; factor: number; maxMs: number }

const POLICIES: Readonly<Record<RunClass, Policy>> = {
  /** The index shows the effect within a second; until then the same action is planned again. */
  done: { firstMs: 2_000, factor: 1, maxMs: 2_000 },
  nothing: { firstMs: 2_000, factor: 1.5, maxMs: 30_000 },
  /** The allowance of a settlement grows by the second, and rates come by the block. */
  later: { firstMs: 1_000, factor: 1.5, maxMs: 15_000 },
  /** A node or the database is away. */
  retryable: { firstMs: 1_000, factor: 2, maxMs: 60_000 },
  /** Nothing but a change of state or code can help; it is looked at again, rarely. */
  permanent: { firstMs: 30_000, factor: 4, maxMs: 900_000 },
}

/** What is remembered of one key: how its last runs ended, and when it may be tried again. */
export type Memory = { runClass: RunClass; times: number; untilMs: number }

/** The memory after one more run. Pure: times in a row with the same outcome make the pause longer. */
export function nextMemory(previous: Memory | undefined, runClass: RunClass, nowMs: number): Memory {
  const times = previous?.runClass === runClass ? previous.times + 1 : 1
  const { firstMs, factor, maxMs } = POLICIES[runClass]
  return { runClass, times, untilMs: nowMs + Math.min(maxMs, firstMs * factor ** (times - 1)) }
}

export type Patience = {
  allows(key: string): boolean
  note(key: string, runClass: RunClass): void
  /** Something has changed: it may be tried at once. */
  forget(key: string): void
}

/** How long after its pause a key is forgotten. */
const FORGET_MS = 3_600_000

export function createPatience(clock: () => number): Patience {
  const memories = new Map<string, Memory>()
  return {
    allows: (key) => clock() >= (memories.get(key)?.untilMs ?? -Infinity),
    forget: (key) => void memories.delete(key),
    note(key, runClass) {
      const now = clock()
      memories.set(key, nextMemory(memories.get(key), runClass, now))
      for (const [old, memory] of memories) if (memory.untilMs + FORGET_MS < now) memories.delete(old)
    },
  }
}
