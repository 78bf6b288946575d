/** Whether the keeper is well, decided from what its parts report. */
import type { Alarm } from './alarms/alarms.ts'
import type { JobName } from './jobs/job.ts'

export type JobReport = {
  name: JobName
  /** Unix milliseconds; null before the first. */
  lastPlanAt: number | null
  lastRunAt: number | null
  /** The last failure to plan or to run; null once the next one worked. */
  planError: string | null
  runError: string | null
  /** Since when planning has failed without a break. */
  planFailingSince: number | null
}

export type ChainReport = {
  chainId: number
  signer: string
  /** Wei, decimal; null while it could not be read. */
  balance: string | null
  pending: { key: string; nonce: number; hash: string; ageMs: number }[]
  /** Why the last look at the chain failed, and since when every one has. */
  error: string | null
  failingSince: number | null
}

export type Health = {
  ok: boolean
  problems: string[]
  jobs: JobReport[]
  chains: ChainReport[]
  /** What is wrong with Mati, not with this keeper, which is well while it tells of it. */
  alarms: Alarm[]
}

/** What the keeper's parts report. */
export type Reports = Pick<Health, 'jobs' | 'chains' | 'alarms'>

export type HealthLimits = { minBalance: bigint; nowMs: number }

/** So long a failing index or node is a hiccup. */
const FAILING_MS = 15_000
/** So long a transaction may wait for its block. */
const PENDING_MS = 120_000

/** Pure. Failed single runs are reported but do not make the keeper unwell: they are tried again. */
export function assessHealth({ jobs, chains, alarms }: Reports, { minBalance, nowMs }: HealthLimits): Health {
  const problems = [
    ...jobs.flatMap(({ name, lastPlanAt, planError, planFailingSince }) => {
      if (planFailingSince !== null && nowMs - planFailingSince >= FAILING_MS) {
        return [`${name}: cannot plan: ${planError}`]
      }
      return lastPlanAt === null ? [`${name}: has not made a plan yet${planError ? `: ${planError}` : ''}`] : []
    }),
    ...chains.flatMap(({ chainId, signer, balance, pending, error, failingSince }) => [
      ...(failingSince !== null && nowMs - failingSince >= FAILING_MS ? [`chain ${chainId}: ${error}`] : []),
      ...(balance === null && failingSince === null ? [`chain ${chainId}: has not been read yet`] : []),
      ...(balance !== null && BigInt(balance) < minBalance
        ? [`chain ${chainId}: ${signer} has ${balance} wei, less than ${minBalance}: fund it`]
        : []),
      ...pending
        .filter(({ ageMs }) => ageMs >= PENDING_MS)
        .map(
          ({ key, nonce, ageMs }) =>
            `chain ${chainId}: ${key} (nonce ${nonce}) waits for ${Math.round(ageMs / 1_000)} s`,
        ),
    ]),
  ]
  return { ok: problems.length === 0, problems, jobs, chains, alarms }
}
