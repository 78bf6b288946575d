import { describe, expect, test } from 'vitest'
import type { Alarm } from '../src/alarms/alarms.ts'
import { assessHealth, type ChainReport, type JobReport } from '../src/health.ts'
import { createMetrics } from '../src/metrics.ts'

const job: JobReport = {
  name: 'settle',
  lastPlanAt: 1,
  lastRunAt: null,
  planError: null,
  runError: null,
  planFailingSince: null,
}
const chain: ChainReport = { chainId: 1, signer: '0xaa', balance: '10', pending: [], error: null, failingSince: null }
const assess = (jobs: Partial<JobReport>, chains: Partial<ChainReport> = {}, alarms: Alarm[] = []) =>
  assessHealth(
    { jobs: [{ ...job, ...jobs }], chains: [{ ...chain, ...chains }], alarms },
    { minBalance: 10n, nowMs: 100_000 },
  )

describe('assessHealth', () => {
  test('is well with plans made and chains read', () => {
    expect(assess({})).toMatchObject({ ok: true, problems: [] })
  })

  test('is not well before the first plan and the first look', () => {
    expect(assess({ lastPlanAt: null }, { balance: null }).problems).toEqual([
      'settle: has not made a plan yet',
      'chain 1: has not been read yet',
    ])
  })

  test('forgives hiccups, not failures that last', () => {
    expect(assess({ planError: 'gone', planFailingSince: 90_000 }).ok).toBe(true)
    expect(assess({ planError: 'gone', planFailingSince: 85_000 }).problems).toEqual(['settle: cannot plan: gone'])
    expect(assess({}, { error: 'away', failingSince: 90_000 }).ok).toBe(true)
    expect(assess({}, { error: 'away', failingSince: 85_000 }).problems).toEqual(['chain 1: away'])
  })

  test('reports a failed run without being unwell for it', () => {
    expect(assess({ runError: 'x' })).toMatchObject({ ok: true, jobs: [{ runError: 'x' }] })
  })

  test('tells of alarms and is well: they are not its own', () => {
    const alarm = { kind: 'supply', key: 'supply:1', what: 'x', action: 'y', since: 1 } as const
    expect(assess({}, {}, [alarm])).toMatchObject({ ok: true, alarms: [alarm] })
  })

  test('says whom to fund', () => {
    expect(assess({}, { balance: '9' }).problems).toEqual(['chain 1: 0xaa has 9 wei, less than 10: fund it'])
  })

  test('names a transaction that waits too long', () => {
    const pending = [{ key: 'capture:1', nonce: 3, hash: '0x', ageMs: 120_000 }]
    expect(assess({}, { pending }).problems).toEqual(['chain 1: capture:1 (nonce 3) waits for 120 s'])
  })
})

describe('createMetrics', () => {
  test('renders what Prometheus reads', () => {
    const metrics = createMetrics()
    metrics.add('keeper_actions_total', { job: 'settle', result: 'done' })
    metrics.add('keeper_actions_total', { job: 'settle', result: 'done' }, 2)
    metrics.set('keeper_pending_transactions', { chain: 1 }, 4)
    const text = metrics.render()
    expect(text).toContain('# TYPE keeper_actions_total counter\nkeeper_actions_total{job="settle",result="done"} 3\n')
    expect(text).toContain('# TYPE keeper_pending_transactions gauge\nkeeper_pending_transactions{chain="1"} 4\n')
    expect(text.endsWith('\n')).toBe(true)
  })

  test('escapes labels', () => {
    const metrics = createMetrics()
    metrics.add('keeper_actions_total', { job: 'a"b\\c\nd' })
    expect(metrics.render()).toContain(String.raw`{job="a\"b\\c\nd"} 1`)
  })
})
