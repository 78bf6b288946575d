/**
 * What the chains' events said, one table per fact. Every row tells where it comes from (chain, transaction, block,
 * log, gas). Only what one chain alone determines is derived here; what takes two chains is derived when it is asked
 * for (`src/follow`). Addresses and hashes are lower case, amounts in the token's smallest unit, times Unix seconds.
 */
import { index, onchainEnum, onchainTable, primaryKey } from 'ponder'
import type { StoredPayoutTerms } from './src/payout-terms.ts'

type Columns = Parameters<Extract<Parameters<typeof onchainTable>[1], (...args: never[]) => unknown>>[0]

/** Chain ids, endpoint ids, Unix seconds, cycles: more than `integer` holds. */
const number = (t: Columns) => t.int8({ mode: 'number' })

const fact = (t: Columns) => ({
  chainId: number(t).notNull(),
  hash: t.hex().notNull(),
  blockNumber: t.bigint().notNull(),
  logIndex: t.integer().notNull(),
  timestamp: number(t).notNull(),
  /** Of the whole transaction. */
  gasUsed: t.bigint().notNull(),
})

const holdStates = ['authorized', 'captured', 'voided', 'reclaimed', 'disputed', 'resolved'] as const
export const holdState = onchainEnum('hold_state', holdStates)

/** A payment: the terms as signed, and where its hold stands. The fact is its authorization. */
export const payment = onchainTable(
  'payment',
  (t) => ({
    ...fact(t),
    id: t.hex().primaryKey(),
    payer: t.hex().notNull(),
    merchant: t.hex().notNull(),
    token: t.hex().notNull(),
    maxAmount: t.bigint().notNull(),
    currency: t.hex().notNull(),
    due: t.bigint().notNull(),
    fallbackAmount: t.bigint().notNull(),
    minFeeBps: t.integer().notNull(),
    maxFeeBps: t.integer().notNull(),
    feeReceiver: t.hex().notNull(),
    authorizeBy: number(t).notNull(),
    captureAfter: number(t).notNull(),
    captureBy: number(t).notNull(),
    autoCapture: t.boolean().notNull(),
    arbiter: t.hex().notNull(),
    resolveBy: number(t).notNull(),
    defaultMerchantBps: t.integer().notNull(),
    refundTo: t.hex().notNull(),
    invoice: t.hex().notNull(),
    state: holdState('state').notNull(),
    held: t.bigint().notNull(),
    captured: t.bigint().notNull(),
    capturedDue: t.bigint().notNull(),
    fee: t.bigint().notNull(),
    /** What went back to the payer's side: surplus, void, reclaim or the payer's part of a ruling. */
    returned: t.bigint().notNull(),
    /** What was given back of what was captured, in the token; and what of the due it counts as. */
    refunded: t.bigint().notNull(),
    refundedDue: t.bigint().notNull(),
    /** Until when it is kept from being captured; 0 if it never was. */
    frozenUntil: number(t).notNull(),
  }),
  (table) => ({
    byMerchant: index().on(table.merchant),
    byPayer: index().on(table.payer),
    byState: index().on(table.state),
  }),
)

/** Of a capture or a refund; 0 where no rate was used. */
const rate = (t: Columns) => ({
  rateWad: t.bigint().notNull(),
  tokenRoundId: t.bigint().notNull(),
  currencyRoundId: t.bigint().notNull(),
  rateUpdatedAt: number(t).notNull(),
})

/**
 * What the escrow told of ahead of the capture or refund that it belongs to, which takes it from here: a rate, or that
 * there was none.
 */
export const pendingRate = onchainTable('pending_rate', (t) => ({
  paymentId: t.hex().primaryKey(),
  ...rate(t),
  isFallback: t.boolean().notNull(),
}))

/**
 * A capture, or a disputed hold's split. [low, high) is the merchant's credit in its ledger account: `amount` less
 * `fee`.
 */
export const capture = onchainTable(
  'capture',
  (t) => ({
    ...fact(t),
    paymentId: t.hex().notNull(),
    dueAmount: t.bigint().notNull(),
    amount: t.bigint().notNull(),
    fee: t.bigint().notNull(),
    surplus: t.bigint().notNull(),
    isFinal: t.boolean().notNull(),
    /** Who split the disputed hold; null for a capture. */
    resolvedBy: t.hex(),
    ...rate(t),
    /** Whether the signed fallback amount stood in, for want of a rate. */
    isFallback: t.boolean().notNull(),
    low: t.bigint().notNull(),
    high: t.bigint().notNull(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.chainId, table.blockNumber, table.logIndex] }),
    byPayment: index().on(table.paymentId),
  }),
)

export const returnKind = onchainEnum('return_kind', ['voided', 'reclaimed'])

/** The end of a hold that went back whole, or what partial captures left of it. */
export const holdReturn = onchainTable('hold_return', (t) => ({
  ...fact(t),
  paymentId: t.hex().primaryKey(),
  kind: returnKind('kind').notNull(),
  amount: t.bigint().notNull(),
}))

export const interventionKind = onchainEnum('intervention_kind', ['disputed', 'frozen'])

/** What kept a hold from being captured: its payer's dispute, a guardian's freeze. Each happens once at most. */
export const intervention = onchainTable(
  'intervention',
  (t) => ({ ...fact(t), paymentId: t.hex().notNull(), kind: interventionKind('kind').notNull() }),
  (table) => ({ key: primaryKey({ columns: [table.paymentId, table.kind] }) }),
)

/** What went back to the payer's side of what was captured. */
export const refund = onchainTable(
  'refund',
  (t) => ({
    ...fact(t),
    paymentId: t.hex().notNull(),
    /** The merchant, or who paid for it. */
    funder: t.hex().notNull(),
    amount: t.bigint().notNull(),
    dueAmount: t.bigint().notNull(),
    ...rate(t),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.chainId, table.blockNumber, table.logIndex] }),
    byPayment: index().on(table.paymentId),
  }),
)

/** A ledger account: its counters and, as the escrow keeps it, the mean time its balance arrived at. */
export const ledger = onchainTable(
  'ledger',
  (t) => ({
    chainId: number(t).notNull(),
    account: t.hex().notNull(),
    token: t.hex().notNull(),
    credited: t.bigint().notNull(),
    debited: t.bigint().notNull(),
    since: number(t).notNull(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.chainId, table.account, table.token] }),
    byAccount: index().on(table.account),
  }),
)

/** A credit: [low, high) of the account's counter. `ref` is whatever `depositor` said; zero depositor: the escrow. */
export const credit = onchainTable(
  'credit',
  (t) => ({
    ...fact(t),
    account: t.hex().notNull(),
    token: t.hex().notNull(),
    ref: t.hex().notNull(),
    depositor: t.hex().notNull(),
    low: t.bigint().notNull(),
    high: t.bigint().notNull(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.chainId, table.account, table.token, table.high] }),
    byRef: index().on(table.ref),
    byAccount: index().on(table.account),
  }),
)

/** A debit: [low, high) of the account's counter: by a settlement, by a payment's refund, or taken out by its owner. */
export const debit = onchainTable(
  'debit',
  (t) => ({
    ...fact(t),
    account: t.hex().notNull(),
    token: t.hex().notNull(),
    to: t.hex().notNull(),
    low: t.bigint().notNull(),
    high: t.bigint().notNull(),
    settlementId: t.hex(),
    /** The payment whose refund it paid for. */
    refundOf: t.hex(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.chainId, table.account, table.token, table.high] }) }),
)

/** A group that was settled. */
export const settlement = onchainTable(
  'settlement',
  (t) => ({
    ...fact(t),
    id: t.hex().notNull(),
    keeper: t.hex().notNull(),
    token: t.hex().notNull(),
    asset: t.hex().notNull(),
    eid: number(t).notNull(),
    tier: t.integer().notNull(),
    amountIn: t.bigint().notNull(),
    received: t.bigint().notNull(),
    minReceived: t.bigint().notNull(),
    allowanceBps: t.integer().notNull(),
    tip: t.bigint().notNull(),
    messageRepaid: t.bigint().notNull(),
    rateWad: t.bigint().notNull(),
    baseRoundId: t.bigint().notNull(),
    quoteRoundId: t.bigint().notNull(),
    /** The message that carries it on; null where it was paid out on its own chain. */
    guid: t.hex(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.chainId, table.id] }), byGuid: index().on(table.guid) }),
)

/** One merchant's part in a settlement: [low, high) of its ledger counter became `amountOut`. */
export const payout = onchainTable(
  'payout',
  (t) => ({
    ...fact(t),
    settlementId: t.hex().notNull(),
    merchant: t.hex().notNull(),
    token: t.hex().notNull(),
    low: t.bigint().notNull(),
    high: t.bigint().notNull(),
    amountOut: t.bigint().notNull(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.chainId, table.merchant, table.token, table.high] }),
    bySettlement: index().on(table.chainId, table.settlementId),
  }),
)

export const skipReason = onchainEnum('skip_reason', ['notMember', 'empty', 'notDue', 'tooSmall', 'reserved', 'noRoom'])

/** A member that a settlement left out. */
export const skippedMember = onchainTable(
  'skipped_member',
  (t) => ({
    ...fact(t),
    settlementId: t.hex().notNull(),
    merchant: t.hex().notNull(),
    reason: skipReason('reason').notNull(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.chainId, table.blockNumber, table.logIndex] }),
    byMerchant: index().on(table.merchant),
  }),
)

/** A slippage tier as it stands. */
export const tier = onchainTable(
  'tier',
  (t) => ({
    ...fact(t),
    id: t.integer().notNull(),
    startBps: t.integer().notNull(),
    maxBps: t.integer().notNull(),
    growSeconds: number(t).notNull(),
    tipBps: t.integer().notNull(),
    maxMessageBps: t.integer().notNull(),
    maxHeadBps: t.integer().notNull(),
    /** In millionths of a USD, as `headUsd6`. */
    maxTipUsd6: number(t).notNull(),
    headUsd6: number(t).notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.chainId, table.id] }) }),
)

/** Whether a token may be paid in now. */
export const allowedToken = onchainTable(
  'allowed_token',
  (t) => ({ ...fact(t), token: t.hex().notNull(), isAllowed: t.boolean().notNull() }),
  (table) => ({ key: primaryKey({ columns: [table.chainId, table.token] }) }),
)

/** An account in which a merchant's payouts from other chains arrive, on the chain with the endpoint id `eid`. */
export const payoutAccount = onchainTable('payout_account', (t) => ({
  account: t.hex().primaryKey(),
  merchant: t.hex().notNull(),
  eid: number(t).notNull(),
  /** What the account stands for, as `openPayoutAccount` takes it. */
  terms: t.json().$type<StoredPayoutTerms>().notNull(),
}))

/** What a merchant registered on a chain. It holds from `effectiveAt` on, if no later one was accepted before. */
export const registration = onchainTable(
  'registration',
  (t) => ({
    ...fact(t),
    merchant: t.hex().notNull(),
    nonce: t.bigint().notNull(),
    effectiveAt: number(t).notNull(),
    asset: t.hex().notNull(),
    eid: number(t).notNull(),
    cycle: number(t).notNull(),
    tier: t.integer().notNull(),
    toleranceBps: t.integer().notNull(),
    /** Who may act for the merchant: `actions` is a set of bits (1 capture, 2 void, 4 refund); `until` 0 is no end. */
    operators: t.json().$type<{ account: `0x${string}`; actions: number; until: number }[]>().notNull(),
    /** Who may settle the merchant's balances on this chain; null for nobody. */
    settler: t.hex(),
    /** Who is paid on this chain; empty for the merchant alone. */
    recipients: t.json().$type<{ account: `0x${string}`; shareBps: number }[]>().notNull(),
    /** What of its balances on this chain settlement leaves there, in the token's smallest unit. */
    reserves: t.json().$type<{ token: `0x${string}`; amount: string }[]>().notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.chainId, table.merchant, table.nonce] }) }),
)

/** A packet that MatiToken sent. */
export const message = onchainTable('message', (t) => ({
  ...fact(t),
  guid: t.hex().primaryKey(),
  nonce: t.bigint().notNull(),
  srcEid: number(t).notNull(),
  dstEid: number(t).notNull(),
  sender: t.hex().notNull(),
  receiver: t.hex().notNull(),
  encodedPayload: t.hex().notNull(),
  /** Who sent the transaction. */
  by: t.hex().notNull(),
  /** What it carries, in units of MATI. */
  amount: t.bigint(),
  /** Whether a gateway of ours is to credit payouts once it has arrived. */
  isPayout: t.boolean().notNull(),
}))

export const messageStepKind = onchainEnum('message_step_kind', [
  ...(['verified', 'delivered', 'waiting', 'released', 'composed', 'credited', 'returnable', 'returned'] as const),
  ...(['receiveFailed', 'composeFailed'] as const),
])

/** What happened to a message after it was sent. */
export const messageStep = onchainTable(
  'message_step',
  (t) => ({
    ...fact(t),
    guid: t.hex().notNull(),
    kind: messageStepKind('kind').notNull(),
    /** Who sent the transaction. */
    by: t.hex().notNull(),
    /** Of a failure, and of what is returnable: the revert data as it came. */
    reason: t.hex(),
    /** The gas that a failed attempt was given. */
    gas: t.bigint(),
    /** Of what waits in the token: what its `release` takes. */
    kept: t.hex(),
    /** The message that took a returned one back. */
    returnGuid: t.hex(),
  }),
  (table) => ({
    key: primaryKey({ columns: [table.chainId, table.blockNumber, table.logIndex] }),
    byGuid: index().on(table.guid),
  }),
)
