/** What the chains' events said, as far as following a payment needs it. Rows of the database have these shapes. */
import type { Address, Hex } from 'viem'
import type { Range } from './range.ts'

/** Where and when an event happened. */
export interface Fact {
  chainId: number
  hash: Hex
  blockNumber: bigint
  logIndex: number
  /** Unix seconds. */
  timestamp: number
  /** Of the whole transaction. */
  gasUsed: bigint
}

/** One account's balance in one token of one chain. */
export interface LedgerAccount {
  chainId: number
  account: Address
  token: Address
}

/** A payment's terms and what became of its hold. */
export interface PaymentFact extends Fact {
  id: Hex
  state: 'authorized' | 'captured' | 'voided' | 'reclaimed' | 'disputed' | 'resolved'
  merchant: Address
  token: Address
  maxAmount: bigint
  captured: bigint
}

/** One capture, or a ruling's; the range is the merchant's credit: `amount` less `fee`, empty if the fee took all. */
export interface CaptureFact extends Fact, Range {
  paymentId: Hex
  amount: bigint
  /** Who split the disputed hold; null for a capture. */
  resolvedBy: Address | null
}

/** A void or a reclaim. */
export interface ReturnFact extends Fact {
  paymentId: Hex
  kind: 'voided' | 'reclaimed'
  amount: bigint
}

/** A dispute or a freeze. */
export interface InterventionFact extends Fact {
  paymentId: Hex
  kind: 'disputed' | 'frozen'
}

/** What went back of what was captured. */
export interface RefundFact extends Fact {
  paymentId: Hex
  amount: bigint
}

/** A debit that no settlement explains: it paid for a refund, or its owner took it out raw. */
export interface WithdrawalFact extends Fact, Range {
  account: Address
  token: Address
  /** The payment whose refund it paid for; null for what was taken out raw. */
  refundOf: Hex | null
}

/** One merchant's part in a settlement: the range of its ledger that became `amountOut`. */
export interface PayoutFact extends Fact, Range {
  settlementId: Hex
  merchant: Address
  token: Address
  amountOut: bigint
}

export interface SettlementFact extends Fact {
  id: Hex
  token: Address
  asset: Address
  /** What was delivered to the merchants: `asset`, or what the gateway carries. */
  delivered: Address
  tip: bigint
  messageRepaid: bigint
  rateWad: bigint
  baseRoundId: bigint
  quoteRoundId: bigint
  /** Null where it was paid out on its own chain. */
  guid: Hex | null
}

/** A credit that a gateway made out of a message. */
export interface ArrivalFact extends Fact, Range {
  /** Whose payout it is: the merchant of the payout account, or the account itself if it is none. */
  merchant: Address
  account: Address
  token: Address
  /** The message's guid. */
  ref: Hex
}

/** A step of a message on its way. */
export interface MessageStepFact extends Fact {
  guid: Hex
  kind: 'verified' | 'delivered'
}
