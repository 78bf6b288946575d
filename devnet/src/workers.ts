import { setTimeout as sleep } from 'node:timers/promises'
import { createPublicClient, webSocket, type Hex } from 'viem'
import type { HDAccount } from 'viem/accounts'
import type { WorkerName } from './delivery.ts'
import type { WorkerChain } from './inbox.ts'
import { describe, type Log } from './log.ts'
import { createRoute } from './route.ts'
import { createSignal, type Signal } from './signal.ts'

/** Looked at this often even when no block is announced, so that a lost subscription delays and never stops. */
const idleMs = 1_000
const retryMs = 500

export interface WorkersOptions {
  chains: readonly WorkerChain[]
  operators: Readonly<Record<WorkerName, HDAccount>>
  log: Log
}

/** The running DVNs and executor of all pathways between some chains. */
export interface Workers {
  /** Lets one of them rest: messages get stuck before its step. */
  pause(name: WorkerName): void
  resume(name: WorkerName): void
  /** Resolves when the endpoint of the destination has executed the message; rejects if the attempt failed. */
  delivered(guid: Hex, options?: { timeoutMs?: number }): Promise<void>
  stop(): Promise<void>
}

/**
 * Watches every endpoint over WebSocket and moves each message along: confirmations, two attestations, commit,
 * `lzReceive`, `lzCompose`. It keeps no state of its own, so it may be stopped and started at any point.
 */
export function startWorkers({ chains, operators, log }: WorkersOptions): Workers {
  const paused = new Set<WorkerName>()
  const outcomes = new Map<string, 'delivered' | 'failed'>()
  const settled = createSignal()
  const wakes: Signal[] = []
  const ending = new AbortController()

  const loops = chains.map((destination) => {
    const wake = createSignal()
    wakes.push(wake)
    const sources = chains.filter(({ eid }) => eid !== destination.eid)
    const round = createRoute({
      destination,
      sources,
      operators,
      paused,
      log,
      onSettled(guid, outcome) {
        outcomes.set(guid, outcome)
        settled.notify()
      },
    })
    return run(destination, round, wake)
  })
  const subscriptions = chains.map((chain) => watchBlocks(chain, () => wakes.forEach((wake) => wake.notify()), log))

  async function run({ name }: WorkerChain, round: () => Promise<boolean>, wake: Signal): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const acted = await round()
        if (!acted) await wake.wait(idleMs)
      } catch (error) {
        if (ending.signal.aborted) return
        log({ component: 'workers', event: 'retry', chain: name, error: describe(error) })
        await sleep(retryMs)
      }
    }
  }

  return {
    pause: (name) => void paused.add(name),
    resume(name) {
      paused.delete(name)
      wakes.forEach((wake) => wake.notify())
    },
    async delivered(guid, { timeoutMs = 60_000 } = {}) {
      const deadline = Date.now() + timeoutMs
      while (!outcomes.has(guid)) {
        const leftMs = deadline - Date.now()
        if (leftMs <= 0) throw new Error(`Message ${guid} was not delivered within ${timeoutMs / 1000} s`)
        await settled.wait(leftMs)
      }
      if (outcomes.get(guid) === 'failed') throw new Error(`The executor's attempt to deliver message ${guid} failed`)
    },
    async stop() {
      ending.abort()
      wakes.forEach((wake) => wake.notify())
      await Promise.all([...loops, ...subscriptions.map((close) => close())])
    },
  }
}

/** Announces new blocks; the returned function ends it. */
function watchBlocks({ name, wsUrl }: WorkerChain, onBlock: () => void, log: Log): () => Promise<void> {
  const client = createPublicClient({ transport: webSocket(wsUrl, { retryCount: 0 }) })
  const unwatch = client.watchBlockNumber({
    onBlockNumber: onBlock,
    onError: (error) => log({ component: 'workers', event: 'subscription-lost', chain: name, error: describe(error) }),
  })
  return async () => {
    unwatch()
    const socket = await client.transport.getRpcClient().catch(() => undefined)
    socket?.close()
  }
}
