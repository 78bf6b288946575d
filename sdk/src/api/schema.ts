/**
 * What the indexer's HTTP API answers, as zod schemas: the indexer types its answers with them, clients parse with them.
 * Amounts are decimal strings in the token's smallest unit; times are Unix seconds; shares of payouts are exact.
 */
import { z } from 'zod'

const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/i)
  .transform((value) => value as `0x${string}`)
const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/i)
  .transform((value) => value as `0x${string}`)
const amount = z.string().regex(/^\d+$/).transform(BigInt)

/** Where a payment stands, across chains. `settling`: some of it left the ledger and has not reached its recipients yet. */
export const paymentStatus = z.enum([
  'authorized',
  'captured',
  'settling',
  'settled',
  'voided',
  'reclaimed',
  'withdrawn',
  'disputed',
  'resolved',
])

/** One thing that happened to a payment. `amount` is in `token` on `chainId`. */
export const timelineStep = z.object({
  name: z.enum([
    'authorized',
    'charged',
    'captured',
    'voided',
    'reclaimed',
    'disputed',
    'resolved',
    'frozen',
    'refunded',
    'converted',
    'sent',
    'verified',
    'delivered',
    'credited',
    'paid',
    'withdrawn',
    'spentOnRefund',
  ]),
  chainId: z.number(),
  hash: hex,
  blockNumber: amount,
  timestamp: z.number(),
  gasUsed: amount,
  token: address.nullable(),
  amount: amount.nullable(),
  /**
   * Settlement id of `converted` and `paid`, message guid of `sent`, `verified`, `delivered` and `credited`,
   * id of the refunded payment of `spentOnRefund`.
   */
  ref: hex.nullable(),
})

/** A rate as an event carries it: quote per base, per whole unit, WAD. */
export const rateView = z.object({
  wad: amount,
  baseRoundId: amount,
  quoteRoundId: amount,
  updatedAt: z.number().nullable(),
})

/** What one settlement paid out of one payment: `amountIn` of the ledger's token became `amountOut` of `asset`. */
export const payoutShare = z.object({
  settlementId: hex,
  chainId: z.number(),
  token: address,
  amountIn: amount,
  asset: address,
  amountOut: amount,
  /** This payment's part of what the keeper earned and of what repaid its message, in `asset`. */
  tip: amount,
  messageRepaid: amount,
  rate: rateView,
  /** The message that carried it on; null where it was paid out to the recipients. */
  guid: hex.nullable(),
})

/** What of one payment's units the merchant spent on a refund: ledgers are consumed first in, first out. */
export const refundShare = z.object({
  chainId: z.number(),
  token: address,
  amount,
  /** The payment that was refunded: this one, or another of the merchant's. */
  refundOf: hex,
})

export const paymentView = z.object({
  id: hex,
  chainId: z.number(),
  status: paymentStatus,
  payer: address,
  merchant: address,
  token: address,
  currency: address,
  maxAmount: amount,
  due: amount,
  refundTo: address,
  invoice: hex,
  autoCapture: z.boolean(),
  authorizeBy: z.number(),
  captureAfter: z.number(),
  captureBy: z.number(),
  arbiter: address,
  resolveBy: z.number(),
  /** Until when a guardian keeps it from being captured; 0 if none ever did. */
  frozenUntil: z.number(),
  /** All signed terms, as the `Authorized` event holds them; `bigint`s as strings. */
  terms: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  held: amount,
  captured: amount,
  capturedDue: amount,
  fee: amount,
  /** What went back to the payer's side: surplus, void, reclaim or the payer's part of a ruling. */
  returned: amount,
  /** What was given back of what was captured, in the token; and what of the due it counts as. */
  refunded: amount,
  refundedDue: amount,
  /** The rate of the last capture; null before it, where currency and token are the same, and where there was none. */
  rate: rateView.nullable(),
  /** Whether the last capture had no rate, so that the signed `fallbackAmount` stood in for the due. */
  fallback: z.boolean(),
  payouts: z.array(payoutShare),
  spentOnRefunds: z.array(refundShare),
  timeline: z.array(timelineStep),
})

/** Ledger balances that can be settled together, but for what each merchant keeps there as a reserve. */
export const groupView = z.object({
  chainId: z.number(),
  token: address,
  asset: address,
  eid: z.number(),
  tier: z.number(),
  members: z.array(
    z.object({ merchant: address, balance: amount, reserve: amount, since: z.number(), cycle: z.number() }),
  ),
})

/** An account in which a merchant's payouts from other chains arrive, on the chain where they are paid out. */
export const payoutAccountView = z.object({
  chainId: z.number(),
  account: address,
  merchant: address,
  /** Whether the registry there knows it, so that it can be settled. */
  isOpen: z.boolean(),
  /** What it stands for, as `openPayoutAccount` takes it. */
  terms: z.object({
    merchant: address,
    payout: z.object({
      asset: address,
      eid: z.number(),
      cycle: z.number(),
      tier: z.number(),
      toleranceBps: z.number(),
    }),
    chain: z.object({
      eid: z.number(),
      settler: address,
      recipients: z.array(z.object({ account: address, shareBps: z.number() })),
      reserves: z.array(z.object({ token: address, amount })),
    }),
  }),
})

/** One LayerZero message between two chains. */
export const messageView = z.object({
  guid: hex,
  status: z.enum(['sent', 'verified', 'delivered', 'credited', 'returnable', 'returned']),
  srcChainId: z.number(),
  dstChainId: z.number(),
  srcEid: z.number(),
  dstEid: z.number(),
  nonce: amount,
  sender: hex,
  receiver: hex,
  /** The packet as the endpoint emitted it, with header, guid and message. */
  encodedPayload: hex,
  amount: amount.nullable(),
  sentAt: z.number(),
  verifiedAt: z.number().nullable(),
  deliveredAt: z.number().nullable(),
  creditedAt: z.number().nullable(),
  /** The last failed attempt to deliver or to credit it, decoded where possible. */
  failure: z.string().nullable(),
})

export const ledgerView = z.object({
  chainId: z.number(),
  account: address,
  token: address,
  credited: amount,
  debited: amount,
  balance: amount,
})

/** What the escrow of a chain owes in a token, as the events tell; its token balance must be at least the sum. */
export const solvencyView = z.object({ chainId: z.number(), token: address, holds: amount, ledger: amount })

/** The latest round of a feed the oracle reads. */
export const feedView = z.object({
  chainId: z.number(),
  feed: address,
  answer: z.string(),
  roundId: amount,
  updatedAt: z.number(),
})

/** How far the index has come on each chain. */
export const indexedView = z.array(z.object({ chainId: z.number(), blockNumber: amount, timestamp: z.number() }))

export type PaymentIndexStatus = z.infer<typeof paymentStatus>
export type TimelineStep = z.infer<typeof timelineStep>
export type PayoutShare = z.infer<typeof payoutShare>
export type RefundShare = z.infer<typeof refundShare>
export type PaymentView = z.infer<typeof paymentView>
export type GroupView = z.infer<typeof groupView>
export type PayoutAccountView = z.infer<typeof payoutAccountView>
export type MessageView = z.infer<typeof messageView>
export type LedgerView = z.infer<typeof ledgerView>
export type SolvencyView = z.infer<typeof solvencyView>
export type FeedView = z.infer<typeof feedView>
