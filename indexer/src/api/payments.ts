/** GET /payments and /payments/:id: payments, followed across chains. */
import { type PaymentIndexStatus, type PaymentView, paymentStatus } from '@mati/sdk'
import { db } from 'ponder:api'
import { and, desc, eq, gt, inArray } from 'ponder'
import { capture, holdReturn, holdState, intervention, payment, refund } from 'ponder:schema'
import type { Hex } from 'viem'
import { z } from 'zod'
import { openBook } from '../follow/book.ts'
import { type FollowedPayment, followPayment, type PaymentFacts } from '../follow/payment.ts'
import { collectFacts } from './facts.ts'
import { addressParameter, answer, ApiError, createRouter, hashParameter, parseParameters } from './http.ts'
import { readCaptures } from './read-captures.ts'

type PaymentRow = typeof payment.$inferSelect
type CaptureRow = typeof capture.$inferSelect

const query = z.strictObject({
  status: paymentStatus.optional(),
  merchant: addressParameter.optional(),
  payer: addressParameter.optional(),
  isHeld: z.literal('true').optional(),
})

export const payments = createRouter()

payments.get('/payments', async (c) => {
  const { status, merchant, payer, isHeld } = parseParameters(query, c.req.query())
  const views = await viewPayments(
    and(
      status ? possibly(status) : undefined,
      merchant ? eq(payment.merchant, merchant) : undefined,
      payer ? eq(payment.payer, payer) : undefined,
      isHeld ? gt(payment.held, 0n) : undefined,
    ),
  )
  return answer(c, status ? views.filter((view) => view.status === status) : views)
})

payments.get('/payments/:id', async (c) => {
  const { id } = parseParameters(z.strictObject({ id: hashParameter }), { id: c.req.param('id') })
  const [view] = await viewPayments(eq(payment.id, id))
  if (!view) throw new ApiError(404, 'PAYMENT_UNKNOWN', `no payment ${id} is indexed`)
  return answer(c, view)
})

function byNewest(condition: ReturnType<typeof and>): Promise<PaymentRow[]> {
  return db
    .select()
    .from(payment)
    .where(condition)
    .orderBy(desc(payment.timestamp), desc(payment.blockNumber), desc(payment.logIndex))
}

/** What of a status the hold alone tells: it spares following every payment there ever was. */
function possibly(status: PaymentIndexStatus) {
  const isHold = holdState.enumValues.find((state) => state !== 'captured' && state === status)
  return isHold ? and(eq(payment.state, isHold), eq(payment.captured, 0n)) : gt(payment.captured, 0n)
}

function findCaptures(ids: Hex[]): Promise<CaptureRow[]> {
  return db.select().from(capture).where(inArray(capture.paymentId, ids)).orderBy(capture.blockNumber, capture.logIndex)
}

async function viewPayments(condition: ReturnType<typeof and>): Promise<PaymentView[]> {
  const queries = { payments: () => byNewest(condition), captures: findCaptures }
  const { rows, capturesOf } = await readCaptures(queries)
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const returns = await db.select().from(holdReturn).where(inArray(holdReturn.paymentId, ids))
  const interventions = await db
    .select()
    .from(intervention)
    .where(inArray(intervention.paymentId, ids))
    .orderBy(intervention.blockNumber, intervention.logIndex)
  const refunds = await db
    .select()
    .from(refund)
    .where(inArray(refund.paymentId, ids))
    .orderBy(refund.blockNumber, refund.logIndex)
  const [returnsOf, interventionsOf, refundsOf] = [
    Map.groupBy(returns, (row) => row.paymentId),
    Map.groupBy(interventions, (row) => row.paymentId),
    Map.groupBy(refunds, (row) => row.paymentId),
  ]

  const spans = rows.flatMap(({ id, chainId, merchant: account, token }) =>
    (capturesOf.get(id) ?? []).map(({ low, high }) => ({ chainId, account, token, low, high })),
  )
  const book = openBook(await collectFacts(spans))
  return rows.map((row) => {
    const own: PaymentFacts = {
      captures: capturesOf.get(row.id) ?? [],
      returns: returnsOf.get(row.id) ?? [],
      interventions: interventionsOf.get(row.id) ?? [],
      refunds: refundsOf.get(row.id) ?? [],
    }
    return viewPayment(row, capturesOf.get(row.id) ?? [], followPayment(row, { ...own, book }))
  })
}

function viewPayment(row: PaymentRow, captures: CaptureRow[], followed: FollowedPayment): PaymentView {
  return {
    id: row.id,
    chainId: row.chainId,
    payer: row.payer,
    merchant: row.merchant,
    token: row.token,
    currency: row.currency,
    maxAmount: row.maxAmount,
    due: row.due,
    refundTo: row.refundTo,
    invoice: row.invoice,
    autoCapture: row.autoCapture,
    authorizeBy: row.authorizeBy,
    captureAfter: row.captureAfter,
    captureBy: row.captureBy,
    arbiter: row.arbiter,
    resolveBy: row.resolveBy,
    frozenUntil: row.frozenUntil,
    terms: termsOf(row),
    held: row.held,
    captured: row.captured,
    capturedDue: row.capturedDue,
    fee: row.fee,
    returned: row.returned,
    refunded: row.refunded,
    refundedDue: row.refundedDue,
    rate: rateOf(captures.at(-1)),
    fallback: captures.at(-1)?.isFallback ?? false,
    ...followed,
  }
}

/** All signed terms, under their names in the contract. */
function termsOf(row: PaymentRow): PaymentView['terms'] {
  return {
    payer: row.payer,
    merchant: row.merchant,
    token: row.token,
    maxAmount: row.maxAmount.toString(),
    currency: row.currency,
    due: row.due.toString(),
    fallbackAmount: row.fallbackAmount.toString(),
    minFeeBps: row.minFeeBps,
    maxFeeBps: row.maxFeeBps,
    feeReceiver: row.feeReceiver,
    authorizeBy: row.authorizeBy,
    captureAfter: row.captureAfter,
    captureBy: row.captureBy,
    autoCapture: row.autoCapture,
    arbiter: row.arbiter,
    resolveBy: row.resolveBy,
    defaultMerchantBps: row.defaultMerchantBps,
    refundTo: row.refundTo,
    invoice: row.invoice,
  }
}

/** The rate of a capture; null where it needed none or the signed fallback stood in. */
function rateOf(row: CaptureRow | undefined): PaymentView['rate'] {
  if (!row || row.rateWad === 0n) return null
  const { rateWad: wad, tokenRoundId: baseRoundId, currencyRoundId: quoteRoundId, rateUpdatedAt: updatedAt } = row
  return { wad, baseRoundId, quoteRoundId, updatedAt }
}
