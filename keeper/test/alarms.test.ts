import { pino } from 'pino'
import { parseEther } from 'viem'
import { describe, expect, test } from 'vitest'
import { createAlarms, type Finding } from '../src/alarms/alarms.ts'
import { assessLate } from '../src/alarms/late.ts'
import { assessSupply, inFlight, type TokenCounters } from '../src/alarms/supply.ts'
import { createMetrics } from '../src/metrics.ts'
import { messageView } from './support/views.ts'

const mati = (amount: number) => parseEther(String(amount))
const counts = (amounts: Record<number, number>) =>
  new Map(Object.entries(amounts).map(([eid, amount]) => [Number(eid), mati(amount)]))

/** Three chains: of 100 minted on the first, 30 went to the second, 5 of them on to the third, of which 2 arrived. */
function world(): TokenCounters[] {
  const chain = (chainId: number, supply: number) => ({
    chainId,
    name: `chain ${chainId}`,
    eid: chainId,
    genesis: mati(chainId === 1 ? 100 : 0),
    blockNumber: 9n,
    supply: mati(supply),
  })
  return [
    { ...chain(1, 70), sent: counts({ 2: 30, 3: 0 }), received: counts({ 2: 0, 3: 0 }) },
    { ...chain(2, 25), sent: counts({ 1: 0, 3: 5 }), received: counts({ 1: 30, 3: 0 }) },
    { ...chain(3, 2), sent: counts({ 1: 0, 2: 0 }), received: counts({ 1: 0, 2: 2 }) },
  ]
}

/** The same world with one chain changed. */
function changed(index: number, changes: Partial<TokenCounters>): TokenCounters[] {
  return world().map((counters, i) => (i === index ? { ...counters, ...changes } : counters))
}

describe('assessSupply', () => {
  test('finds nothing wrong with what is in flight', () => {
    expect(assessSupply({ earlier: world(), later: world() })).toEqual([])
  })

  test('finds a unit that no message explains', () => {
    const later = changed(2, { supply: mati(2) + 1n })
    expect(assessSupply({ earlier: world(), later })).toMatchObject([{ kind: 'supply', key: 'supply:3', looks: 3 }])
    const what = 'chain 3 has 2.000000000000000001 MATI at block 9, where genesis, sent and received make 2 MATI'
    expect(assessSupply({ earlier: world(), later })[0]?.what).toBe(what)
  })

  test('finds a unit that is gone', () => {
    const later = changed(0, { supply: mati(70) - 1n })
    expect(assessSupply({ earlier: world(), later }).map(({ key }) => key)).toEqual(['supply:1'])
  })

  test('finds that more arrived than was sent', () => {
    const forged = changed(2, { supply: mati(6), received: counts({ 1: 0, 2: 6 }) })
    const [finding, ...others] = assessSupply({ earlier: forged, later: forged })
    expect(others).toEqual([])
    expect(finding).toMatchObject({ kind: 'counters', key: 'counters:2:3' })
    expect(finding?.what).toBe('chain 3 received 6 MATI from chain 2, which sent only 5 MATI')
  })

  test('is not deceived by what moves between the two reads', () => {
    const arrived = changed(2, { supply: mati(5), received: counts({ 1: 0, 2: 5 }) })
    const sentAndArrived = arrived.map((counters, i) =>
      i === 1 ? { ...counters, supply: mati(20), sent: counts({ 1: 0, 3: 10 }) } : counters,
    )
    expect(assessSupply({ earlier: world(), later: sentAndArrived })).toEqual([])
    expect(assessSupply({ earlier: arrived, later: sentAndArrived })).toEqual([])
  })

  test('shows what is in flight by pathway', () => {
    const flying = inFlight({ earlier: world(), later: world() }).filter(({ amount }) => amount > 0n)
    expect(flying).toEqual([{ from: 2, to: 3, amount: mati(3) }])
  })
})

describe('assessLate', () => {
  const at = (now: number) => new Map([[2, now]])

  test('leaves time, and then names what is missing', () => {
    expect(assessLate([messageView()], at(1_060), 60)).toEqual([])
    const [finding] = assessLate([messageView()], at(1_061), 60)
    expect(finding).toMatchObject({ kind: 'late', key: 'late:40001:40002:sent', looks: 1 })
    expect(finding?.what).toMatch(/nonce 1, chain 1 to 2\): not verified, sent 1970-01-01T00:16:40.000Z$/)
  })

  test('names the oldest of a pathway, and why it failed', () => {
    const failure = { step: 'compose', name: null, args: {}, message: 'no reason', data: '0x', gas: 9n } as const
    const failed = {
      ...failure,
      isOutOfGas: true,
      timestamp: 1,
      by: '0x0000000000000000000000000000000000000001',
    } as const
    const messages = [2n, 1n, 3n].map((nonce) =>
      messageView({ nonce, sentAt: 1_000 + Number(nonce), status: 'delivered', deliveredAt: 1_010, failure: failed }),
    )
    const findings = assessLate(messages, at(9_000), 60)
    expect(findings.map(({ key }) => key)).toEqual(['late:40001:40002:delivered'])
    expect(findings[0]?.what).toMatch(/nonce 1, .* and 2 more: received and not credited.*no reason \(out of gas\)$/)
  })

  test('leaves what has arrived, and chains whose time is not known', () => {
    expect(assessLate([messageView({ status: 'credited', isOpen: false })], at(9_000), 60)).toEqual([])
    expect(assessLate([messageView()], new Map(), 60)).toEqual([])
  })
})

describe('createAlarms', () => {
  function create() {
    const lines: { level: number; msg: string }[] = []
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
    const metrics = createMetrics()
    let nowMs = 1_000
    const alarms = createAlarms({ metrics, log, nowMs: () => nowMs })
    return { alarms, lines, metrics, tick: () => (nowMs += 1_000) }
  }
  const finding: Finding = { kind: 'supply', key: 'supply:1', what: 'x', action: 'y', looks: 3 }

  test('is raised by what lasts, once, and not by what passes', () => {
    const { alarms, lines, metrics, tick } = create()
    alarms.note(['supply'], [finding])
    alarms.note(['supply'], [finding])
    alarms.note(['supply'], [])
    alarms.note(['supply'], [finding])
    expect(lines).toEqual([])
    for (let i = 0; i < 3; i++) {
      tick()
      alarms.note(['supply'], [finding])
    }
    expect(lines).toMatchObject([{ level: 50, msg: 'alarm: x', action: 'y' }])
    expect(alarms.raised()).toEqual([{ kind: 'supply', key: 'supply:1', what: 'x', action: 'y', since: 1_000 }])
    expect(metrics.render()).toContain('keeper_alarms{alarm="supply"} 1\n')
  })

  test('clears itself and says so; a look at something else does not clear it', () => {
    const { alarms, lines, metrics, tick } = create()
    alarms.note(['supply'], [{ ...finding, looks: 1 }])
    alarms.note(['late'], [])
    expect(alarms.raised()).toHaveLength(1)
    tick()
    alarms.note(['supply'], [])
    expect(alarms.raised()).toEqual([])
    expect(lines.at(-1)).toMatchObject({ level: 30, msg: 'alarm is over after 1 s: x' })
    expect(metrics.render()).toContain('keeper_alarms{alarm="supply"} 0\n')
  })
})
