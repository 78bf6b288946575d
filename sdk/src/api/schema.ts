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

/**
 * Where a message stands, by what its destination's chain said of it.
 * - `sent`: nothing yet · `verified`: committed, and can be received · `waiting`: received, but above what may arrive
 *   now, so that it waits in the token until anyone releases it
 * - `delivered`: received or released. The end for all but payouts, which are yet to be credited
 * - `composed`: executed by a recipient that is no gateway · `credited`: the gateway credited its payouts
 * - `returnable`: the gateway could not read it, and anyone may send it back · `returned`: that was done
 */
export const messageStatus = z.enum([
  'sent',
  'verified',
  'waiting',
  'delivered',
  'composed',
  'credited',
  'returnable',
  'returned',
])

/** Why an attempt failed, decoded where the reason is known. */
export const messageFailure = z.object({
  /** What was tried: to receive it, to execute what it carries, or to credit its payouts. */
  step: z.enum(['receive', 'compose', 'credit']),
  /** The error's name and arguments; null where no known contract declares it. */
  name: z.string().nullable(),
  args: z.record(z.string(), z.string()),
  /** In one line. */
  message: z.string(),
  /** The reason as it came: `0x` if there was none. */
  data: hex,
  /** What the attempt was given, where that is known. */
  gas: amount.nullable(),
  /** The contract said so, or said nothing at all, which is what running out leaves. */
  isOutOfGas: z.boolean(),
  timestamp: z.number(),
  /** Who sent the attempt's transaction. */
  by: address,
})

/** One LayerZero message of MatiToken's between two chains: a gateway's payouts, or anybody's transfer. */
export const messageView = z.object({
  guid: hex,
  status: messageStatus,
  /** Whether something is still to be done that anyone may do. */
  isOpen: z.boolean(),
  /**
   * Whether it carries payouts, which a gateway of ours is to credit after it has arrived. What any other recipient does
   * with what is composed for it is its own: for us such a message ends at its delivery.
   */
  isPayout: z.boolean(),
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
  /** When it was first received, be it to wait. */
  deliveredAt: z.number().nullable(),
  waitingAt: z.number().nullable(),
  releasedAt: z.number().nullable(),
  composedAt: z.number().nullable(),
  creditedAt: z.number().nullable(),
  /** What MatiToken's `release` takes of a message that waits or waited. */
  waitingMessage: hex.nullable(),
  /** Attempts to receive and to execute it that the chain shows, failed ones and the one that did it. */
  tries: z.object({ receive: z.number(), compose: z.number() }),
  /** Who made the last attempt after one that had failed; null if none had to be made again. */
  retriedBy: address.nullable(),
  /** The last failed attempt, also of a message that has arrived since. */
  failure: messageFailure.nullable(),
})

/** One thing that happened to a message. */
export const messageStep = z.object({
  name: z.enum([
    'sent',
    'verified',
    'delivered',
    'waiting',
    'released',
    'composed',
    'credited',
    'returnable',
    'returned',
    'receiveFailed',
    'composeFailed',
  ]),
  chainId: z.number(),
  hash: hex,
  blockNumber: amount,
  timestamp: z.number(),
  /** Who sent the transaction. */
  by: address,
  failure: messageFailure.nullable(),
  /** The message that took it back, of `returned`. */
  returnGuid: hex.nullable(),
})

/** One message with all its steps: its sending first, then what its destination's chain said, in that order. */
export const messageDetail = messageView.extend({ steps: z.array(messageStep) })

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
export type MessageStatus = z.infer<typeof messageStatus>
export type MessageFailure = z.infer<typeof messageFailure>
export type MessageView = z.infer<typeof messageView>
export type MessageStep = z.infer<typeof messageStep>
export type MessageDetail = z.infer<typeof messageDetail>
export type LedgerView = z.infer<typeof ledgerView>
export type SolvencyView = z.infer<typeof solvencyView>
export type FeedView = z.infer<typeof feedView>
