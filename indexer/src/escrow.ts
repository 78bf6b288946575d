/** MatiEscrow: payments and their holds. */
import { type Context, ponder } from 'ponder:registry'
import { allowedToken, capture, holdReturn, intervention, payment, pendingRate, refund } from 'ponder:schema'
import { type Hex, zeroAddress } from 'viem'
import { addCredit } from './credit.ts'
import { factOf } from './fact.ts'
import type { Fact } from './follow/facts.ts'
import type { Range } from './follow/range.ts'

const noRate = { rateWad: 0n, tokenRoundId: 0n, currencyRoundId: 0n, rateUpdatedAt: 0, isFallback: false }

ponder.on('Escrow:Authorized', async ({ event, context }) => {
  const { id, payment: terms } = event.args
  await context.db.insert(payment).values({
    ...factOf(event, context),
    ...terms,
    id,
    state: 'authorized',
    held: terms.maxAmount,
    captured: 0n,
    capturedDue: 0n,
    fee: 0n,
    returned: 0n,
    refunded: 0n,
    refundedDue: 0n,
    frozenUntil: 0,
  })
})

ponder.on('Escrow:RateUsed', async ({ event, context }) => {
  const { id: paymentId, wad: rateWad, updatedAt: rateUpdatedAt, tokenRoundId, currencyRoundId } = event.args
  await putRate(context, paymentId, { rateWad, tokenRoundId, currencyRoundId, rateUpdatedAt, isFallback: false })
})

ponder.on('Escrow:FallbackUsed', async ({ event, context }) => {
  await putRate(context, event.args.id, { ...noRate, isFallback: true })
})

ponder.on('Escrow:Captured', async ({ event, context }) => {
  const { id, merchant: _, merchantCredited, feeCredited, ...args } = event.args
  const fact = factOf(event, context)
  const rate = await takeRate(context, id)
  const range = await creditCaptured(context, fact, { id, ...args, merchantCredited, feeCredited })

  await context.db.insert(capture).values({ ...fact, ...args, ...range, ...rate, paymentId: id, resolvedBy: null })
  await context.db.update(payment, { id }).set((row) => ({
    state: args.isFinal ? 'captured' : row.state,
    held: row.held - args.amount - args.surplus,
    captured: row.captured + args.amount,
    capturedDue: row.capturedDue + args.dueAmount,
    fee: row.fee + args.fee,
    returned: row.returned + args.surplus,
  }))
})

ponder.on('Escrow:Disputed', async ({ event, context }) => {
  const { id } = event.args
  await context.db.insert(intervention).values({ ...factOf(event, context), paymentId: id, kind: 'disputed' })
  await context.db.update(payment, { id }).set({ state: 'disputed' })
})

ponder.on('Escrow:Resolved', async ({ event, context }) => {
  const { id, merchant: _, by: resolvedBy, returned: surplus, merchantCredited, feeCredited, ...args } = event.args
  const fact = factOf(event, context)
  const range = await creditCaptured(context, fact, { id, ...args, merchantCredited, feeCredited })

  const split = { ...args, surplus, isFinal: true, resolvedBy }
  await context.db.insert(capture).values({ ...fact, ...split, ...range, ...noRate, paymentId: id })
  await context.db.update(payment, { id }).set((row) => ({
    state: 'resolved',
    held: 0n,
    captured: row.captured + args.amount,
    capturedDue: row.capturedDue + args.dueAmount,
    fee: row.fee + args.fee,
    returned: row.returned + surplus,
  }))
})

ponder.on('Escrow:Refunded', async ({ event, context }) => {
  const { id, merchant: _, ...args } = event.args
  // A refund without a rate is none: what it takes is never the fallback.
  const { isFallback: _isFallback, ...rate } = await takeRate(context, id)
  await context.db.insert(refund).values({ ...factOf(event, context), ...args, ...rate, paymentId: id })
  await context.db.update(payment, { id }).set((row) => ({
    refunded: row.refunded + args.amount,
    refundedDue: row.refundedDue + args.dueAmount,
  }))
})

ponder.on('Escrow:CaptureFrozen', async ({ event, context }) => {
  const { id, until } = event.args
  await context.db.insert(intervention).values({ ...factOf(event, context), paymentId: id, kind: 'frozen' })
  await context.db.update(payment, { id }).set({ frozenUntil: Number(until) })
})

ponder.on('Escrow:Voided', async ({ event, context }) => {
  const { id, amount } = event.args
  await context.db.insert(holdReturn).values({ ...factOf(event, context), paymentId: id, kind: 'voided', amount })
  await context.db.update(payment, { id }).set((row) => ({
    state: 'voided',
    held: 0n,
    returned: row.returned + amount,
  }))
})

ponder.on('Escrow:Reclaimed', async ({ event, context }) => {
  const { id, amount } = event.args
  await context.db.insert(holdReturn).values({ ...factOf(event, context), paymentId: id, kind: 'reclaimed', amount })
  await context.db.update(payment, { id }).set((row) => ({
    state: 'reclaimed',
    held: 0n,
    returned: row.returned + amount,
  }))
})

ponder.on('Escrow:TokenAllowed', async ({ event, context }) => {
  const { token, allowed: isAllowed } = event.args
  const row = { ...factOf(event, context), isAllowed }
  await context.db
    .insert(allowedToken)
    .values({ ...row, token })
    .onConflictDoUpdate(row)
})

async function putRate(context: Context, paymentId: Hex, rate: typeof noRate): Promise<void> {
  await context.db
    .insert(pendingRate)
    .values({ paymentId, ...rate })
    .onConflictDoUpdate(rate)
}

/** The rate that was told of for this capture or refund; zeros where none was used. */
async function takeRate(context: Context, id: Hex): Promise<typeof noRate> {
  const pending = await context.db.find(pendingRate, { paymentId: id })
  if (!pending) return noRate
  await context.db.delete(pendingRate, { paymentId: id })
  const { paymentId: _, ...rate } = pending
  return rate
}

interface CapturedCredits {
  id: Hex
  amount: bigint
  fee: bigint
  merchantCredited: bigint
  feeCredited: bigint
}

/** Credits what was captured, as the escrow does without an event of its own. @returns The merchant's range. */
async function creditCaptured(context: Context, fact: Fact, credits: CapturedCredits): Promise<Range> {
  const { id: ref, amount, fee, merchantCredited, feeCredited } = credits
  const terms = await context.db.find(payment, { id: ref })
  if (!terms) throw new Error(`payment ${ref} was captured and never authorized`)
  const { merchant, feeReceiver, token } = terms
  const common = { token, ref, depositor: zeroAddress }
  const toMerchant = { ...common, account: merchant, amount: amount - fee, creditedTotal: merchantCredited }
  const range = await addCredit(context, fact, toMerchant)
  await addCredit(context, fact, { ...common, account: feeReceiver, amount: fee, creditedTotal: feeCredited })
  return range
}
