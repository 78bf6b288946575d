/** One chain watched: first its pending transactions, then its time, now and then the signer's balance. */
import { MatiError } from '@mati/sdk'
import type { Logger } from 'pino'
import { createPublicClient, formatEther, webSocket } from 'viem'
import { readHead, type Chain, type Head } from './chains.ts'
import type { ChainReport } from './health.ts'
import { repeat } from './loop.ts'
import type { Metrics } from './metrics.ts'

const BALANCE_EVERY_MS = 10_000

export type WatchOptions = {
  chain: Chain
  /** Heads pushed here are looked at without waiting for the next poll. */
  wsUrl: string | undefined
  /** Where the chain's time is kept; it is not there while the chain cannot be read. */
  clocks: Map<number, number>
  pollMs: number
  /** Called after each look at a chain that could be read, with what is its latest block. */
  onLook: (head: Head) => void
  metrics: Metrics
  log: Logger
  signal: AbortSignal
}

export type Watch = { report(): ChainReport; stopped: Promise<void> }

export function watchChain({ chain, wsUrl, clocks, pollMs, onLook, metrics, log, signal }: WatchOptions): Watch {
  const { chainId } = chain.deployment
  const labels = { chain: chainId }
  let balance: bigint | null = null
  let balanceReadMs = -Infinity
  let error: string | null = null
  let failingSince: number | null = null
  let isChecked = false

  async function look(): Promise<void> {
    try {
      if (!isChecked) await requireChainId(chain)
      isChecked = true
      // Before the time is known nothing is planned, so what an earlier process left is looked after first.
      await chain.sender.look()
      const head = await readHead(chain.client)
      clocks.set(chainId, head.timestamp)
      onLook(head)
      metrics.set('keeper_pending_transactions', labels, chain.sender.pending().length)
      if (performance.now() - balanceReadMs >= BALANCE_EVERY_MS) await readBalance()
      if (failingSince !== null) log.info({ chainId }, 'chain can be read again')
      error = null
      failingSince = null
    } catch (cause) {
      clocks.delete(chainId)
      if (failingSince === null && !signal.aborted) log.warn({ chainId, err: cause }, 'chain cannot be read')
      error = cause instanceof Error ? cause.message : String(cause)
      failingSince ??= Date.now()
    }
  }

  async function readBalance(): Promise<void> {
    balance = await chain.client.getBalance({ address: chain.signer })
    balanceReadMs = performance.now()
    metrics.set('keeper_signer_balance_ether', labels, Number(formatEther(balance)))
  }

  return {
    report: () => ({
      chainId,
      signer: chain.signer,
      balance: balance === null ? null : String(balance),
      pending: chain.sender.pending(),
      error,
      failingSince,
    }),
    stopped: repeat(look, { everyMs: pollMs, signal, onWake: (wake) => wsUrl && onHead(wsUrl, wake, signal) }),
  }
}

/** Only a latency hint: polling goes on whatever becomes of it. */
function onHead(wsUrl: string, wake: () => void, signal: AbortSignal): void {
  const transport = webSocket(wsUrl, { reconnect: { attempts: Number.MAX_SAFE_INTEGER, delay: 2_000 } })
  const client = createPublicClient({ transport })
  const unwatch = client.watchBlockNumber({ onBlockNumber: wake, onError: () => undefined })
  const close = async () => {
    unwatch()
    const socket = await client.transport.getRpcClient()
    socket.close()
  }
  signal.addEventListener('abort', () => void close().catch(() => undefined), { once: true })
}

/** @throws MatiError `WRONG_CHAIN`: acting on the wrong chain would be worse than not acting. */
async function requireChainId({ client, deployment }: Chain): Promise<void> {
  const chainId = await client.getChainId()
  if (chainId === deployment.chainId) return
  throw new MatiError(`The RPC of chain ${deployment.chainId} is one of chain ${chainId}`, {
    code: 'WRONG_CHAIN',
    action: `Set MATI_RPC_${deployment.chainId} to a node of chain ${deployment.chainId}.`,
  })
}
