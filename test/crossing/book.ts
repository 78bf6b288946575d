/** What the test itself did, from which alone it knows what must have become of it. */
import type { Payment } from '@mati/sdk'
import type { Address, Hex } from 'viem'
import type { Chain, Who } from '../drills/world.ts'

/** Basis points of every payment that its fee receiver gets. */
export const FEE_BPS = 50n

export type PaymentEntry = { id: Hex; chain: Chain; payer: Who; merchant: Merchant; payment: Payment }

/** A message of a known kind: what it brings whom, and where it must end. */
export type SendEntry = {
  guid: Hex
  from: Chain
  to: Chain
  sender: Who
  /** What was asked for; dust is left with the sender. */
  amount: bigint
  /**
   * `transfer`: to an account of its own · `payout`: to a ledger of its own · `unreadable`: to come back · `return`: what
   * came back
   */
  kind: 'transfer' | 'payout' | 'unreadable' | 'return'
  recipient: Address
}

export type Merchant = {
  address: Address
  /** Where and in what it is paid. */
  home: Chain
  asset: Address
  /** Who is paid there. */
  recipients: readonly { account: Address; shareBps: number }[]
  /** Where what comes from other chains arrives. */
  account: Address
  /** Where it is registered. */
  sources: readonly Chain[]
}

export type Book = {
  payments: PaymentEntry[]
  sends: SendEntry[]
  merchants: Merchant[]
  /** Messages that must never arrive. */
  strangers: { guid: Hex; to: Chain; sender: Hex }[]
}

export const createBook = (): Book => ({ payments: [], sends: [], merchants: [], strangers: [] })
