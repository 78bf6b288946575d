import { matiEscrowAbi, type PaymentView } from '@mati/sdk'
import { encodeFunctionData } from 'viem'
import { submit } from '../transactions/submit.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'
import { type PaymentAction, paymentActionSchema, planPayments } from './payment-action.ts'

/** Captures what its merchant agreed may be captured by anyone, as soon as it may be. */
export const captureJob: Job<PaymentAction> = {
  name: 'capture',
  schema: paymentActionSchema,
  key: ({ id }) => id,
  plan: async ({ index, clocks }) => planCaptures(await index.getPayments({ status: 'authorized' }), clocks),
  run: runCapture,
}

/** The payments that can be captured by anyone at each chain's time. Pure. */
export function planCaptures(payments: readonly PaymentView[], clocks: Clocks): PaymentAction[] {
  return planPayments(payments, clocks, isCapturable)
}

function isCapturable(payment: PaymentView, now: number): boolean {
  return (
    payment.status === 'authorized' &&
    payment.autoCapture &&
    // A merchant that captures in parts is at it itself: an automatic capture is of the whole due or none.
    payment.capturedDue === 0n &&
    now >= payment.captureAfter &&
    now >= payment.frozenUntil &&
    // The next block is at least a second younger than the latest.
    now < payment.captureBy
  )
}

/** The whole due at the lowest signed fee: all that the escrow lets a stranger do. */
export async function runCapture({ chain, signal }: RunEdge, action: PaymentAction): Promise<Outcome> {
  const { payment, id } = action
  return submit(chain, {
    key: `capture:${id}`,
    to: chain.deployment.contracts.escrow,
    data: encodeFunctionData({
      abi: matiEscrowAbi,
      functionName: 'capture',
      args: [payment, payment.due, BigInt(payment.minFeeBps), true],
    }),
    signal,
  })
}
