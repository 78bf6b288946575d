import { matiEscrowAbi, type PaymentView } from '@mati/sdk'
import { encodeFunctionData } from 'viem'
import { submit } from '../transactions/submit.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'
import { type PaymentAction, paymentActionSchema, planPayments } from './payment-action.ts'

/** Splits disputed holds by default where the arbiter stayed silent. */
export const resolveJob: Job<PaymentAction> = {
  name: 'resolve',
  schema: paymentActionSchema,
  key: ({ id }) => id,
  plan: async ({ index, clocks }) => planResolutions(await index.getPayments({ status: 'disputed' }), clocks),
  run: runResolution,
}

/** The disputed payments whose arbiter's time is over at each chain's time. Pure. */
export function planResolutions(payments: readonly PaymentView[], clocks: Clocks): PaymentAction[] {
  return planPayments(payments, clocks, ({ status, resolveBy }, now) => status === 'disputed' && now > resolveBy)
}

/** The split is fixed by the terms, so it does not matter who calls. */
export async function runResolution({ chain, signal }: RunEdge, { payment, id }: PaymentAction): Promise<Outcome> {
  return submit(chain, {
    key: `resolve:${id}`,
    to: chain.deployment.contracts.escrow,
    data: encodeFunctionData({ abi: matiEscrowAbi, functionName: 'resolveByDefault', args: [payment] }),
    signal,
  })
}
