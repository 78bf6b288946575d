import { matiEscrowAbi, type Payment, type PaymentView } from '@mati/sdk'
import { encodeFunctionData } from 'viem'
import { z } from 'zod'
import { hex, integer } from '../parse.ts'
import { submit } from '../transactions/submit.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'
import { paymentTerms } from './terms.ts'

export type ResolveAction = { chainId: number; id: `0x${string}`; payment: Payment }

/** Splits disputed holds by default where the arbiter stayed silent. */
export const resolveJob: Job<ResolveAction> = {
  name: 'resolve',
  schema: z.object({ chainId: integer, id: hex, payment: paymentTerms }),
  key: ({ id }) => id,
  plan: async ({ index, clocks }) => planResolutions(await index.getPayments({ status: 'disputed' }), clocks),
  run: runResolution,
}

/** The disputed payments whose arbiter's time is over at each chain's time. Pure. */
export function planResolutions(payments: readonly PaymentView[], clocks: Clocks): ResolveAction[] {
  return payments.flatMap((payment) => {
    const now = clocks.get(payment.chainId)
    const isOver = now !== undefined && payment.status === 'disputed' && now > payment.resolveBy
    return isOver ? [{ chainId: payment.chainId, id: payment.id, payment: paymentTerms.parse(payment.terms) }] : []
  })
}

/** The split is fixed by the terms, so it does not matter who calls. */
export async function runResolution({ chain, signal }: RunEdge, { payment, id }: ResolveAction): Promise<Outcome> {
  return submit(chain, {
    key: `resolve:${id}`,
    to: chain.deployment.contracts.escrow,
    data: encodeFunctionData({ abi: matiEscrowAbi, functionName: 'resolveByDefault', args: [payment] }),
    signal,
  })
}
