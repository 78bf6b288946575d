import { startDuty, type Duty, type DutyOptions } from '../duty.ts'
import type { Config } from '../config.ts'
import { createCaptureJob } from './capture.ts'
import { createDeliverJob } from './deliver.ts'
import type { JobName } from './job.ts'
import { openJob } from './open.ts'
import { reclaimJob } from './reclaim.ts'
import { resolveJob } from './resolve.ts'
import { createSettleJob } from './settle.ts'

/** The jobs that are switched on, ready to be started. */
export function createJobs(config: Config): ((options: DutyOptions) => Promise<Duty>)[] {
  const starts: Readonly<Record<JobName, (options: DutyOptions) => Promise<Duty>>> = {
    capture: (options) => startDuty(createCaptureJob(), options),
    settle: (options) => startDuty(createSettleJob(config), options),
    reclaim: (options) => startDuty(reclaimJob, options),
    resolve: (options) => startDuty(resolveJob, options),
    deliver: (options) => startDuty(createDeliverJob({ graceSeconds: config.deliverGraceSeconds }), options),
    open: (options) => startDuty(openJob, options),
  }
  return config.jobs.map((name) => starts[name])
}
