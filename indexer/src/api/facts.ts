/** Collects from the database all facts that following some captures takes, ledger by ledger, along the messages. */
import { db } from 'ponder:api'
import { and, eq, gt, inArray, isNull, lt, or } from 'ponder'
import { credit, debit, messageStep, payout, payoutAccount, settlement } from 'ponder:schema'
import type { Hex } from 'viem'
import { config, deploymentOf, lower } from '../config/index.ts'
import { type Facts, ledgerKey } from '../follow/book.ts'
import type { LedgerAccount, SettlementFact } from '../follow/facts.ts'
import type { Range } from '../follow/range.ts'

type Span = LedgerAccount & Range

/** @param spans The credits to follow. */
export async function collectFacts(spans: Span[]): Promise<Facts> {
  const facts: Facts = { withdrawals: [], payouts: [], settlements: [], arrivals: [], messageSteps: [] }
  const seen = { settlements: new Set<string>(), guids: new Set<string>() }
  let next = spans
  // Each turn follows one hop: from ledgers to settlements, and through their messages to ledgers.
  while (next.length > 0) {
    const hull = hulls(next)
    facts.withdrawals.push(...(await findWithdrawals(hull)))
    const settled = (await findSettlementKeys(hull)).filter((key) =>
      isNew(seen.settlements, `${key.chainId}:${key.id}`),
    )
    const { payouts, settlements } = await findSettlements(settled)
    facts.payouts.push(...payouts)
    facts.settlements.push(...settlements)

    const guids = settlements.flatMap(({ guid }) => (guid && isNew(seen.guids, guid) ? [guid] : []))
    const arrivals = await findArrivals(guids)
    facts.messageSteps.push(...(await findMessageSteps(guids)))
    facts.arrivals.push(...arrivals)
    next = arrivals
  }
  return facts
}

/** One span per ledger account that covers all of them. */
function hulls(spans: Span[]): Span[] {
  const byLedger = new Map<string, Span>()
  for (const { chainId, account, token, low, high } of spans) {
    const key = ledgerKey({ chainId, account, token })
    const known = byLedger.get(key) ?? { chainId, account, token, low, high }
    const hull = { low: known.low < low ? known.low : low, high: known.high > high ? known.high : high }
    byLedger.set(key, { ...known, ...hull })
  }
  return [...byLedger.values()]
}

async function findWithdrawals(spans: Span[]) {
  const overlapping = spans.map(({ chainId, account, token, low, high }) =>
    and(
      eq(debit.chainId, chainId),
      eq(debit.account, account),
      eq(debit.token, token),
      lt(debit.low, high),
      gt(debit.high, low),
      isNull(debit.settlementId),
    ),
  )
  return db
    .select()
    .from(debit)
    .where(or(...overlapping))
}

async function findSettlementKeys(spans: Span[]): Promise<{ chainId: number; id: Hex }[]> {
  const overlapping = spans.map(({ chainId, account, token, low, high }) =>
    and(
      eq(payout.chainId, chainId),
      eq(payout.merchant, account),
      eq(payout.token, token),
      lt(payout.low, high),
      gt(payout.high, low),
    ),
  )
  return db
    .select({ chainId: payout.chainId, id: payout.settlementId })
    .from(payout)
    .where(or(...overlapping))
}

/** Settlements with all their payouts, in the order of events: costs are divided over all members. */
async function findSettlements(keys: { chainId: number; id: Hex }[]): Promise<Pick<Facts, 'payouts' | 'settlements'>> {
  if (keys.length === 0) return { payouts: [], settlements: [] }
  const isOneOf = keys.map(({ chainId, id }) => and(eq(settlement.chainId, chainId), eq(settlement.id, id)))
  const hasOneOf = keys.map(({ chainId, id }) => and(eq(payout.chainId, chainId), eq(payout.settlementId, id)))
  const settlements = await db
    .select()
    .from(settlement)
    .where(or(...isOneOf))
  const payouts = await db
    .select()
    .from(payout)
    .where(or(...hasOneOf))
    .orderBy(payout.logIndex)
  return { payouts, settlements: settlements.map(withDelivered) }
}

/** A message carries the gateway's token; otherwise the asset itself was delivered. */
function withDelivered(row: typeof settlement.$inferSelect): SettlementFact {
  const carried = lower(deploymentOf(row.chainId).contracts.token)
  return { ...row, delivered: row.guid === null ? row.asset : carried }
}

/** What gateways credited out of messages. Others may name any guid in a deposit: they are not believed. */
async function findArrivals(guids: Hex[]) {
  if (guids.length === 0) return []
  const byGateway = config.chains.map(({ deployment: { chainId, contracts } }) =>
    and(eq(credit.chainId, chainId), eq(credit.depositor, lower(contracts.gateway))),
  )
  const rows = await db
    .select()
    .from(credit)
    .leftJoin(payoutAccount, eq(payoutAccount.account, credit.account))
    .where(and(inArray(credit.ref, guids), or(...byGateway)))
  return rows.map((row) => ({ ...row.credit, merchant: row.payout_account?.merchant ?? row.credit.account }))
}

async function findMessageSteps(guids: Hex[]) {
  if (guids.length === 0) return []
  const rows = await db
    .select()
    .from(messageStep)
    .where(and(inArray(messageStep.guid, guids), inArray(messageStep.kind, ['verified', 'delivered'])))
    .orderBy(messageStep.blockNumber, messageStep.logIndex)
  return rows.flatMap((row) =>
    row.kind === 'verified' || row.kind === 'delivered' ? [{ ...row, kind: row.kind }] : [],
  )
}

function isNew(seen: Set<string>, key: string): boolean {
  const isFirst = !seen.has(key)
  seen.add(key)
  return isFirst
}
