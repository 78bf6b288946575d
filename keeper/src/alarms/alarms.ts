/** What is wrong with the system itself, as long as it is: raised and cleared by looks at it, each in the log once. */
import type { Logger } from 'pino'
import type { Metrics } from '../metrics.ts'

export const alarmKinds = ['supply', 'counters', 'late'] as const
export type AlarmKind = (typeof alarmKinds)[number]

/** What one look found. `key` names the subject: what is found again under it is the same alarm. */
export type Finding = {
  kind: AlarmKind
  key: string
  /** What is the case, in one line. */
  what: string
  /** What somebody should do. */
  action: string
  /** In how many looks on end it must be found before it is an alarm. */
  looks: number
}

export type Alarm = Pick<Finding, 'kind' | 'key' | 'what' | 'action'> & {
  /** Unix milliseconds of the first look that found it. */
  since: number
}

type Kept = Finding & { since: number; times: number }

export type Alarms = {
  /** All that a look at some kinds of alarms found: of those kinds, what is not among it is over. */
  note(kinds: readonly AlarmKind[], findings: readonly Finding[]): void
  /** Those that are raised now, oldest first. */
  raised(): Alarm[]
}

/** @param nowMs Unix milliseconds. */
export function createAlarms({ metrics, log, nowMs }: { metrics: Metrics; log: Logger; nowMs: () => number }): Alarms {
  const kept = new Map<string, Kept>()
  const isRaised = ({ times, looks }: Kept) => times >= looks

  function count(): void {
    for (const kind of alarmKinds) {
      const value = [...kept.values()].filter((alarm) => alarm.kind === kind && isRaised(alarm)).length
      metrics.set('keeper_alarms', { alarm: kind }, value)
    }
  }

  return {
    note(kinds, findings) {
      for (const finding of findings) {
        const known = kept.get(finding.key)
        const alarm = { ...finding, since: known?.since ?? nowMs(), times: (known?.times ?? 0) + 1 }
        kept.set(finding.key, alarm)
        if (alarm.times !== alarm.looks) continue
        const { kind, key, what, action } = alarm
        log.error({ alarm: kind, key, action, since: new Date(alarm.since).toISOString() }, `alarm: ${what}`)
      }
      const found = new Set(findings.map(({ key }) => key))
      for (const [key, alarm] of kept) {
        if (found.has(key) || !kinds.includes(alarm.kind)) continue
        kept.delete(key)
        const seconds = Math.round((nowMs() - alarm.since) / 1_000)
        if (isRaised(alarm)) log.info({ alarm: alarm.kind, key }, `alarm is over after ${seconds} s: ${alarm.what}`)
      }
      count()
    },
    raised: () =>
      [...kept.values()]
        .filter(isRaised)
        .map(({ kind, key, what, action, since }) => ({ kind, key, what, action, since }))
        .toSorted((a, b) => a.since - b.since),
  }
}
