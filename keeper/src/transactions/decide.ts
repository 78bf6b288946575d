import type { Hex } from 'viem'
import { bumpFees, isUnderpriced } from './fees.ts'
import { lastAttempt, type Attempt, type Fees, type StoredTransaction, type TransactionOutcome } from './transaction.ts'

/** What the chain shows of one pending transaction at one moment. */
export type TransactionSight = {
  /** The signer's next nonce at the latest block: every nonce below it is used. */
  chainNonce: number
  /** The receipt of whichever attempt was mined. */
  receipt: Extract<TransactionOutcome, { hash: Hex }> | undefined
  /** Whether the node still knows the last attempt. */
  known: boolean
  market: Fees
  baseFeePerGas: bigint
  /** Since this process last gave the last attempt to the node; infinite if it never did. */
  sinceBroadcastMs: number
  /** Since the nonce was first seen used without a receipt of ours; 0 if it is not used. */
  sinceUsedMs: number
}

export type SenderPolicy = {
  /** How long a transaction that the node does not know is left before it is broadcast again. */
  rebroadcastAfterMs: number
  /** How long an underpriced transaction is left before it is replaced. */
  replaceAfterMs: number
  /** How long a used nonce may lack a receipt (nodes behind one address lag) before it counts as another's. */
  supersedeAfterMs: number
  /** Wei: the most a replacement may offer per gas. */
  maxFeePerGas: bigint
}

export type TransactionDecision =
  | { action: 'wait' }
  | { action: 'finish'; outcome: TransactionOutcome }
  | { action: 'rebroadcast'; attempt: Attempt }
  | { action: 'replace'; fees: Fees }

/** Decides what a pending transaction needs now. Pure: chain and clock come in as an argument. */
export function decideTransaction(
  transaction: StoredTransaction,
  sight: TransactionSight,
  policy: SenderPolicy,
): TransactionDecision {
  if (sight.receipt) return { action: 'finish', outcome: sight.receipt }
  if (transaction.nonce < sight.chainNonce) {
    const another = sight.sinceUsedMs >= policy.supersedeAfterMs
    return another ? { action: 'finish', outcome: { status: 'superseded' } } : { action: 'wait' }
  }

  const last = lastAttempt(transaction)
  const patienceMs = sight.known ? policy.replaceAfterMs : policy.rebroadcastAfterMs
  if (sight.sinceBroadcastMs >= patienceMs && isUnderpriced(last, sight.market, sight.baseFeePerGas)) {
    const fees = bumpFees(last, sight.market, policy.maxFeePerGas)
    if (fees) return { action: 'replace', fees }
  }
  if (!sight.known && sight.sinceBroadcastMs >= policy.rebroadcastAfterMs) {
    return { action: 'rebroadcast', attempt: last }
  }
  return { action: 'wait' }
}

/**
 * The nonces that nothing will ever use, while later ones wait behind them: a stranded gap, left by a reorg that
 * dropped a mined transaction, or by a lost database. Pure.
 * @param poolNonce The signer's next nonce after what the node's pool holds in sequence.
 */
export function findNonceGap(pending: readonly StoredTransaction[], chainNonce: number, poolNonce: number): number[] {
  const taken = new Set(pending.map((transaction) => transaction.nonce))
  const highest = Math.max(...taken)
  const gap: number[] = []
  for (let nonce = Math.max(chainNonce, poolNonce); nonce < highest; nonce++) if (!taken.has(nonce)) gap.push(nonce)
  return gap
}
