/** Looks at the whole of Mati again and again, and raises alarms. It sends nothing. */
import type { Logger } from 'pino'
import { formatEther } from 'viem'
import type { Clocks, Index } from '../jobs/job.ts'
import { repeat } from '../loop.ts'
import type { Metrics } from '../metrics.ts'
import type { Alarms } from './alarms.ts'
import { assessLate } from './late.ts'
import { type CountedChain, readSupply } from './read-supply.ts'
import { assessSupply, inFlight, type SupplySight } from './supply.ts'

export type WatchmanOptions = {
  chains: readonly CountedChain[]
  index: Index
  clocks: Clocks
  alarms: Alarms
  metrics: Metrics
  log: Logger
  everyMs: number
  lateSeconds: number
  signal: AbortSignal
}

export function startWatchman(options: WatchmanOptions): { stopped: Promise<void> } {
  const { chains, index, clocks, alarms, metrics, log, everyMs, lateSeconds, signal } = options

  async function lookAtSupply(): Promise<void> {
    const sight = await readSupply(chains)
    alarms.note(['supply', 'counters'], assessSupply(sight))
    show(sight)
  }

  async function lookForLate(): Promise<void> {
    const open = await index.getMessages({ isOpen: 'true' })
    alarms.note(['late'], assessLate(open, clocks, lateSeconds))
    metrics.set('keeper_open_messages', {}, open.length)
  }

  function show(sight: SupplySight): void {
    for (const { chainId, supply } of sight.later) {
      metrics.set('keeper_mati_supply', { chain: chainId }, Number(formatEther(supply)))
    }
    for (const { from, to, amount } of inFlight(sight)) {
      metrics.set('keeper_mati_in_flight', { from, to }, Number(formatEther(amount)))
    }
  }

  /** What cannot be looked at neither raises nor clears an alarm; /health tells of the index and of chains. */
  async function look(): Promise<void> {
    const looks = await Promise.allSettled([lookAtSupply(), lookForLate()])
    for (const [i, result] of looks.entries()) {
      const look = ['supply', 'late'][i] ?? ''
      metrics.add('keeper_looks_total', { look, result: result.status === 'fulfilled' ? 'ok' : 'failed' })
      if (result.status === 'rejected' && !signal.aborted) log.warn({ look, err: result.reason }, 'cannot look')
    }
  }

  return { stopped: repeat(look, { everyMs, signal }) }
}
