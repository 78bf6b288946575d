/** MatiEscrow: payments and their holds. */
import { ponder } from 'ponder:registry'
import { allowedToken, capture, credit, holdReturn, payment } from 'ponder:schema'
import { factOf } from './fact.ts'

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
  })
})

ponder.on('Escrow:Captured', async ({ event, context }) => {
  const { id, merchant: _, ...args } = event.args
  const fact = factOf(event, context)
  const net = args.amount - args.fee

  // The escrow credits the merchant (unless the fee took all), then the fee receiver, and then emits `Captured`.
  const logIndex = event.log.logIndex - (args.fee === 0n ? 1 : 2)
  const { chainId, blockNumber } = fact
  const credited = net === 0n ? null : await context.db.find(credit, { chainId, blockNumber, logIndex })
  if (net !== 0n && (credited?.ref !== id || credited.high - credited.low !== net)) {
    throw new Error(`the merchant's credit of the capture of ${id} is not where the escrow puts it`)
  }
  const range = { low: credited?.low ?? 0n, high: credited?.high ?? 0n }

  await context.db.insert(capture).values({ ...fact, ...args, ...range, paymentId: id })
  await context.db.update(payment, { id }).set((row) => ({
    state: args.isFinal ? 'captured' : row.state,
    held: row.held - args.amount - args.surplus,
    captured: row.captured + args.amount,
    capturedDue: row.capturedDue + args.dueAmount,
    fee: row.fee + args.fee,
    returned: row.returned + args.surplus,
  }))
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
