/**
 * Sends transactions so that a crash at any point causes no second effect and strands no nonce (invariant 19):
 * a transaction is signed and stored before it is broadcast, an error after that means "unknown", and only what the
 * chain shows (receipt, nonce) ends it. After a restart `look` goes on with whatever is stored.
 */
import type { Logger } from 'pino'
import type { Signer } from '../signers/signer.ts'
import type { SenderChain } from './chain.ts'
import { decideTransaction, findNonceGap, type SenderPolicy } from './decide.ts'
import { capFees } from './fees.ts'
import { createSerial } from './serial.ts'
import type { Account, TransactionStore } from './store.ts'
import {
  lastAttempt,
  type Attempt,
  type Fees,
  type Intent,
  type StoredTransaction,
  type TransactionOutcome,
} from './transaction.ts'

/** Gas of a transfer of nothing to oneself, the only thing a stranded nonce is good for. */
const FILL_GAS = 21_000n

export type Sender = {
  /**
   * Stores, signs and broadcasts an intent, and waits for its end. Joins a pending transaction of the same key
   * instead of sending a second one. After an abort the transaction stays stored and goes on without its waiter.
   */
  send(intent: Intent, options: { signal: AbortSignal }): Promise<TransactionOutcome>
  /** Compares what is pending with the chain and does what is due. To be called before anything else, then often. */
  look(): Promise<void>
  /** What was pending at the last look, and for how long this process has known it. */
  pending(): { key: string; nonce: number; hash: string; ageMs: number }[]
}

export type SenderOptions = {
  chainId: number
  chain: SenderChain
  signer: Signer
  store: TransactionStore
  policy: SenderPolicy
  log: Logger
  /** Milliseconds; only differences count. */
  clock: () => number
  onFinished?: (transaction: StoredTransaction, outcome: TransactionOutcome) => void
}

type Memory = { firstSeenMs: number; broadcastMs: number; usedSinceMs: number | undefined }

/** One per chain and signer. */
export function createSender(options: SenderOptions): Sender {
  const { chainId, chain, signer, store, policy, log, clock, onFinished } = options
  const account: Account = { chainId, signer: signer.address }
  const serially = createSerial()
  const memories = new Map<string, Memory>()
  const waiters = new Map<string, ((outcome: TransactionOutcome) => void)[]>()
  let gapSinceMs: number | undefined
  let lastPending: StoredTransaction[] = []

  function remember(transaction: StoredTransaction): Memory {
    const known = memories.get(transaction.id)
    if (known) return known
    const memory = { firstSeenMs: clock(), broadcastMs: -Infinity, usedSinceMs: undefined }
    memories.set(transaction.id, memory)
    return memory
  }

  async function sign(intent: Intent, nonce: number, fees: Fees): Promise<Attempt> {
    const { to, data, value, gas } = intent
    return { ...fees, ...(await signer.sign({ chainId, nonce, to, data, value, gas, ...fees })) }
  }

  async function broadcast(transaction: StoredTransaction, attempt: Attempt): Promise<void> {
    remember(transaction).broadcastMs = clock()
    const facts = { chainId, key: transaction.key, nonce: transaction.nonce, hash: attempt.hash }
    try {
      await chain.broadcast(attempt.raw)
      log.info(facts, 'transaction broadcast')
    } catch (error) {
      log.warn({ ...facts, err: error }, 'broadcast unanswered or refused: the chain will tell')
    }
  }

  /** Only inside `serially`: nonces are given out one at a time. */
  async function open(intent: Intent, nonce: number, fees: Fees): Promise<StoredTransaction> {
    const attempt = await sign(intent, nonce, capFees(fees, policy.maxFeePerGas))
    return store.add(account, nonce, intent, attempt)
  }

  function send(intent: Intent, { signal }: { signal: AbortSignal }): Promise<TransactionOutcome> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      const wait = (transaction: StoredTransaction) => {
        const done = (outcome: TransactionOutcome) => {
          signal.removeEventListener('abort', onAbort)
          resolve(outcome)
        }
        waiters.set(transaction.id, [...(waiters.get(transaction.id) ?? []), done])
      }
      const opened = serially(async () => {
        signal.throwIfAborted()
        const pending = await store.pending(account)
        const same = pending.find((transaction) => transaction.key === intent.key)
        if (same) return wait(same)

        const highest = pending.at(-1)?.nonce ?? -1
        const [poolNonce, { fees }] = await Promise.all([chain.nonce('pending'), chain.market()])
        const transaction = await open(intent, Math.max(poolNonce, highest + 1), fees)
        wait(transaction)
        return { transaction }
      })
      opened.then((sent) => sent && broadcast(sent.transaction, lastAttempt(sent.transaction))).catch(reject)
    })
  }

  function finish(transaction: StoredTransaction, outcome: TransactionOutcome): Promise<void> {
    // Serially, so that nobody starts to wait for a transaction while it ends.
    return serially(async () => {
      await store.finish(transaction, outcome)
      memories.delete(transaction.id)
      for (const done of waiters.get(transaction.id) ?? []) done(outcome)
      waiters.delete(transaction.id)
      log.info({ chainId, key: transaction.key, nonce: transaction.nonce, ...outcome }, 'transaction ended')
      onFinished?.(transaction, outcome)
    })
  }

  async function findReceipt(transaction: StoredTransaction) {
    for (const { hash } of transaction.attempts) {
      const receipt = await chain.receipt(hash)
      if (receipt) return receipt
    }
    return undefined
  }

  async function advance(transaction: StoredTransaction, chainNonce: number): Promise<void> {
    const memory = remember(transaction)
    const isUsed = transaction.nonce < chainNonce
    const sinceBroadcastMs = clock() - memory.broadcastMs
    // A fresh transaction only waits: nothing about it is worth a question yet.
    if (!isUsed && sinceBroadcastMs < Math.min(policy.rebroadcastAfterMs, policy.replaceAfterMs)) return
    memory.usedSinceMs = isUsed ? (memory.usedSinceMs ?? clock()) : undefined

    const [receipt, { fees: market, baseFeePerGas }] = await Promise.all([
      isUsed ? findReceipt(transaction) : undefined,
      chain.market(),
    ])
    const decision = decideTransaction(
      transaction,
      {
        chainNonce,
        receipt,
        known: isUsed || (await chain.isKnown(lastAttempt(transaction).hash)),
        market,
        baseFeePerGas,
        sinceBroadcastMs,
        sinceUsedMs: memory.usedSinceMs === undefined ? 0 : clock() - memory.usedSinceMs,
      },
      policy,
    )
    if (decision.action === 'finish') await finish(transaction, decision.outcome)
    if (decision.action === 'rebroadcast') await broadcast(transaction, decision.attempt)
    if (decision.action === 'replace') {
      const attempt = await sign(transaction, transaction.nonce, decision.fees)
      await broadcast(await store.addAttempt(transaction, attempt), attempt)
    }
  }

  /** Uses up nonces that nothing else will: later transactions could never be mined behind them. */
  async function fillGap(): Promise<void> {
    const pending = await store.pending(account)
    // Nothing waits behind a gap.
    if (pending.length === 0) return void (gapSinceMs = undefined)
    const [chainNonce, poolNonce] = await Promise.all([chain.nonce('latest'), chain.nonce('pending')])
    const gap = findNonceGap(pending, chainNonce, poolNonce)
    if (gap.length === 0) return void (gapSinceMs = undefined)
    gapSinceMs ??= clock()
    if (clock() - gapSinceMs < policy.rebroadcastAfterMs) return
    for (const nonce of gap) {
      const nothing = { key: `fill:${nonce}`, to: signer.address, data: '0x', value: 0n, gas: FILL_GAS } as const
      const filler = await open(nothing, nonce, (await chain.market()).fees)
      await broadcast(filler, lastAttempt(filler))
    }
  }

  return {
    send,

    async look() {
      lastPending = await store.pending(account)
      if (lastPending.length === 0) return
      const chainNonce = await chain.nonce('latest')
      const outcomes = await Promise.allSettled(lastPending.map((transaction) => advance(transaction, chainNonce)))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      await serially(fillGap)
      if (failed) throw failed.reason
    },

    pending: () =>
      lastPending
        .filter((transaction) => memories.has(transaction.id))
        .map((transaction) => ({
          key: transaction.key,
          nonce: transaction.nonce,
          hash: lastAttempt(transaction).hash,
          ageMs: clock() - remember(transaction).firstSeenMs,
        })),
  }
}
