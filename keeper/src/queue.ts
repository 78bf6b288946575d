/** pg-boss, as far as the keeper uses it: actions by key, one at a time per key over all keepers of a database. */
import type { Database } from './database.ts'
import type { JobName } from './jobs/job.ts'

/** Each action waits for its transaction, so many run at a time: by batches, of which one may wait for another block. */
const CONCURRENCY = 4
const BATCH_SIZE = 25

/** A keeper that died loses its actions to the others after this time. */
const HEARTBEAT_SECONDS = 10

const EXPIRE_SECONDS = 900
const FORGET_SECONDS = 60

export type QueuedAction = { key: string; action: unknown }

export type Queue = {
  /** Those of keys that are queued or running, here or in another keeper, are ignored. */
  enqueue(actions: readonly { key: string; action: object }[]): Promise<void>
}

/** Opens a duty's queue; `handle` must not throw. */
export async function openQueue(
  { boss, kind }: Database,
  name: JobName,
  handle: (queued: QueuedAction) => Promise<void>,
): Promise<Queue> {
  await boss.createQueue(name, {
    policy: 'exclusive',
    // What failed is planned again from the state of that moment, after a pause of its own.
    retryLimit: 0,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    expireInSeconds: EXPIRE_SECONDS,
    deleteAfterSeconds: FORGET_SECONDS,
    notify: true,
  })
  // Nobody else works on an embedded database: what is in it was left by a process that ended.
  if (kind === 'embedded') await boss.deleteAllJobs(name)
  await boss.work<QueuedAction>(
    name,
    { localConcurrency: CONCURRENCY, batchSize: BATCH_SIZE, pollingIntervalSeconds: 2 },
    (jobs) => Promise.all(jobs.map((job) => handle(job.data))),
  )
  return {
    // All at once, so that they are handed out together.
    async enqueue(actions) {
      if (actions.length === 0) return
      const jobs = actions.map(({ key, action }) => ({ data: { key, action: toJson(action) }, singletonKey: key }))
      await boss.insert(name, jobs)
    },
  }
}

/** Amounts become strings; each job's schema reads them back. */
function toJson(action: object): unknown {
  return JSON.parse(JSON.stringify(action, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))
}
