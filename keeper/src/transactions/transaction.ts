import type { Address, Hex } from 'viem'

/** What a job wants done on a chain. `key` names the effect (chain, duty, subject): one at a time per key. */
export type Intent = {
  key: string
  to: Address
  data: Hex
  /** Wei. */
  value: bigint
  /** Gas limit, estimated with a margin by whoever wants the effect. */
  gas: bigint
}

/** Wei per gas, EIP-1559. */
export type Fees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }

/** One signed form of a transaction. All forms of one share its nonce, so at most one of them can ever be mined. */
export type Attempt = Fees & {
  hash: Hex
  /** The signed bytes: broadcasting them again can have no second effect. */
  raw: Hex
}

/** Never empty: a stored transaction is a signed one. */
export type Attempts = readonly [Attempt, ...Attempt[]]

/**
 * `pending` until the chain says otherwise. `superseded`: its nonce was used by a transaction that is none of its
 * attempts (somebody else signs with this key), so it can never be mined.
 */
export type TransactionStatus = 'pending' | 'mined' | 'reverted' | 'superseded'

/** An intent that was given a nonce. It is stored before its first broadcast. */
export type StoredTransaction = Intent & {
  id: string
  chainId: number
  signer: Address
  nonce: number
  status: TransactionStatus
  /** Oldest first. */
  attempts: Attempts
}

/** How an intent ended. */
export type TransactionOutcome =
  { status: 'mined' | 'reverted'; hash: Hex; blockNumber: bigint; gasUsed: bigint } | { status: 'superseded' }

/** The attempt that was signed last: the one with the highest fees. */
export function lastAttempt(transaction: StoredTransaction): Attempt {
  const [first, ...later] = transaction.attempts
  return later.at(-1) ?? first
}
