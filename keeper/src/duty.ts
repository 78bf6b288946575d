/** One duty at work: plans from the index at every turn, queues what is to be done, runs what the queue hands out. */
import { decodeError } from '@mati/sdk'
import type { Logger } from 'pino'
import type { Chain, Head } from './chains.ts'
import type { Database } from './database.ts'
import type { JobReport } from './health.ts'
import { classOf } from './jobs/error-class.ts'
import type { Clocks, Index, Job } from './jobs/job.ts'
import { repeat } from './loop.ts'
import type { Metrics } from './metrics.ts'
import { createPatience, type RunClass } from './patience.ts'
import { openQueue, type QueuedAction } from './queue.ts'

export type DutyOptions = {
  index: Index
  chains: ReadonlyMap<number, Chain>
  clocks: Clocks
  database: Database
  metrics: Metrics
  log: Logger
  pollMs: number
  signal: AbortSignal
}

export type Duty = {
  report(): JobReport
  /** To be told of each new block. */
  onHead(chain: Chain, head: Head): void
  stopped: Promise<void>
}

export async function startDuty<Action extends { chainId: number }>(
  job: Job<Action>,
  options: DutyOptions,
): Promise<Duty> {
  const { index, chains, clocks, database, metrics, pollMs, signal } = options
  const log = options.log.child({ job: job.name })
  const patience = createPatience(() => performance.now())
  const busy = new Set<string>()
  const eids = new Map([...chains].map(([chainId, { deployment }]) => [chainId, deployment.eid]))
  const report: JobReport = {
    name: job.name,
    lastPlanAt: null,
    lastRunAt: null,
    planError: null,
    runError: null,
    planFailingSince: null,
  }

  const queue = await openQueue(database, job.name, handle)

  async function plan(): Promise<void> {
    try {
      const planned = await job.plan({ index, clocks, eids })
      const actions = planned.map((action) => ({ key: `${action.chainId}:${job.name}:${job.key(action)}`, action }))
      await queue.enqueue(actions.filter(({ key }) => !busy.has(key) && patience.allows(key)))
      report.lastPlanAt = Date.now()
      report.planError = null
      report.planFailingSince = null
      metrics.set('keeper_plan_timestamp_seconds', { job: job.name }, report.lastPlanAt / 1_000)
      metrics.add('keeper_plans_total', { job: job.name, result: 'ok' })
    } catch (error) {
      // Once, when it begins: the reason stays in /health.
      if (report.planFailingSince === null && !signal.aborted) log.warn({ err: error }, 'cannot plan')
      report.planError = describe(error)
      report.planFailingSince ??= Date.now()
      metrics.add('keeper_plans_total', { job: job.name, result: 'failed' })
    }
  }

  /** Never throws: how a run ended decides when it is planned again. */
  async function handle({ key, action }: QueuedAction): Promise<void> {
    // A queue may hand out more while everything stops: it is planned again by whoever comes next.
    if (signal.aborted || !patience.allows(key)) return
    busy.add(key)
    const startedAt = performance.now()
    const runClass = await run(key, action)
    busy.delete(key)
    if (runClass === undefined) return
    const isFailure = runClass === 'retryable' || runClass === 'permanent'
    if (isFailure || !job.hasOwnPatience) patience.note(key, runClass)
    report.lastRunAt = Date.now()
    metrics.add('keeper_actions_total', { job: job.name, result: runClass })
    metrics.add('keeper_action_seconds_total', { job: job.name }, (performance.now() - startedAt) / 1_000)
  }

  /** Undefined if it was cut short by a shutdown. */
  async function run(key: string, queued: unknown): Promise<RunClass | undefined> {
    try {
      const action = job.schema.parse(queued)
      const chain = chains.get(action.chainId)
      // Another keeper of the same database may serve chains that this one does not.
      if (!chain) return 'nothing'
      const outcome = await job.run({ chain, signal }, action)
      report.runError = null
      log.info({ key, ...outcome }, `action ended: ${outcome.status}`)
      return outcome.status
    } catch (error) {
      if (signal.aborted) return undefined
      const { code, message, action } = decodeError(error)
      const errorClass = classOf(error)
      report.runError = `${key}: ${message}`
      log[errorClass === 'retryable' ? 'warn' : 'error']({ key, code, action, err: error }, `action failed: ${message}`)
      return errorClass
    }
  }

  let wake = () => {}
  const stopped = repeat(plan, { everyMs: pollMs, signal, onWake: (wakeUp) => (wake = wakeUp) })

  return {
    report: () => ({ ...report }),
    onHead(chain, head) {
      job.onHead?.(chain, head).then(
        (isCalledFor) => isCalledFor && wake(),
        // Only a hint: what is missed is found at the next poll.
        (error: unknown) => log.debug({ err: error }, 'a block could not be looked at'),
      )
    },
    stopped,
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
