/** Settler: settlements, each merchant's part in them, and the bounds they keep to. */
import { ponder } from 'ponder:registry'
import { debit, payout, settlement, skippedMember, skipReason, tier } from 'ponder:schema'
import { zeroHash } from 'viem'
import { factOf } from './fact.ts'

ponder.on('Settler:PaidOut', async ({ event, context }) => {
  const { id: settlementId, merchant, token, amountIn, debitedTotal: high, amountOut } = event.args
  const fact = factOf(event, context)
  const range = { low: high - amountIn, high }
  await context.db.insert(payout).values({ ...fact, ...range, settlementId, merchant, token, amountOut })
  await context.db.update(debit, { chainId: fact.chainId, account: merchant, token, high }).set({ settlementId })
})

ponder.on('Settler:Settled', async ({ event, context }) => {
  const { group, guid, allowanceBps, ...args } = event.args
  await context.db.insert(settlement).values({
    ...factOf(event, context),
    ...group,
    ...args,
    allowanceBps: Number(allowanceBps),
    guid: guid === zeroHash ? null : guid,
  })
})

ponder.on('Settler:MemberSkipped', async ({ event, context }) => {
  const { id: settlementId, merchant, reason } = event.args
  const name = skipReason.enumValues[reason]
  if (!name) throw new Error(`skip reason ${reason} is unknown`)
  await context.db.insert(skippedMember).values({ ...factOf(event, context), settlementId, merchant, reason: name })
})

ponder.on('Settler:TierSet', async ({ event, context }) => {
  const { tier: id, params } = event.args
  const row = { ...factOf(event, context), ...params }
  await context.db
    .insert(tier)
    .values({ ...row, id })
    .onConflictDoUpdate(row)
})
