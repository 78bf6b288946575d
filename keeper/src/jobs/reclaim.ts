import { matiEscrowAbi, type PaymentView } from '@mati/sdk'
import { encodeFunctionData } from 'viem'
import { submit } from '../transactions/submit.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'
import { type PaymentAction, paymentActionSchema, planPayments } from './payment-action.ts'

/** Returns holds to their payers once the merchant's time is over. */
export const reclaimJob: Job<PaymentAction> = {
  name: 'reclaim',
  schema: paymentActionSchema,
  key: ({ id }) => id,
  plan: async ({ index, clocks }) => planReclaims(await index.getPayments({ isHeld: 'true' }), clocks),
  run: runReclaim,
}

/** The payments whose hold is past its deadline at each chain's time. Pure. */
export function planReclaims(payments: readonly PaymentView[], clocks: Clocks): PaymentAction[] {
  // The status does not tell: a payment captured in part is `captured` or later, and still held.
  return planPayments(
    payments,
    clocks,
    ({ held, status, captureBy }, now) => held > 0n && status !== 'disputed' && now > captureBy,
  )
}

/** The destination is fixed by the terms, so it does not matter who calls. */
export async function runReclaim({ chain, signal }: RunEdge, { payment, id }: PaymentAction): Promise<Outcome> {
  return submit(chain, {
    key: `reclaim:${id}`,
    to: chain.deployment.contracts.escrow,
    data: encodeFunctionData({ abi: matiEscrowAbi, functionName: 'reclaim', args: [payment] }),
    signal,
  })
}
