import { decodeError } from '@mati/sdk'
import type { Logger } from 'pino'
import { startDuty, type Duty, type DutyOptions } from '../duty.ts'
import type { Config } from '../config.ts'
import { createCaptureJob } from './capture.ts'
import { createDeliverJob, type DeliverFailure } from './deliver.ts'
import type { JobName } from './job.ts'
import { openJob } from './open.ts'
import { reclaimJob } from './reclaim.ts'
import { resolveJob } from './resolve.ts'
import { createSettleJob } from './settle.ts'

/** The jobs that are switched on, ready to be started. */
export function createJobs(config: Config, log: Logger): ((options: DutyOptions) => Promise<Duty>)[] {
  const { deliverGraceSeconds: graceSeconds, pollMs } = config
  const starts: Readonly<Record<JobName, (options: DutyOptions) => Promise<Duty>>> = {
    capture: (options) => startDuty(createCaptureJob(), options),
    settle: (options) => startDuty(createSettleJob(config), options),
    reclaim: (options) => startDuty(reclaimJob, options),
    resolve: (options) => startDuty(resolveJob, options),
    deliver: (options) => startDuty(createDeliverJob({ graceSeconds, pollMs, onFailed }), options),
    open: (options) => startDuty(openJob, options),
  }
  function onFailed({ chainId, guid, step, error }: DeliverFailure): void {
    const { code, message, action } = decodeError(error)
    log.warn({ job: 'deliver', chainId, guid, step, code, action }, `message cannot be helped: ${message}`)
  }

  return config.jobs.map((name) => starts[name])
}
