import { matiEscrowAbi, type Payment, type PaymentView } from '@mati/sdk'
import { encodeFunctionData } from 'viem'
import { z } from 'zod'
import { hex, integer } from '../parse.ts'
import { submit } from '../transactions/submit.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'
import { paymentTerms } from './terms.ts'

export type ReclaimAction = { chainId: number; id: `0x${string}`; payment: Payment }

/** Returns holds to their payers once the merchant's time is over. */
export const reclaimJob: Job<ReclaimAction> = {
  name: 'reclaim',
  schema: z.object({ chainId: integer, id: hex, payment: paymentTerms }),
  key: ({ id }) => id,
  plan: async ({ index, clocks }) => planReclaims(await index.getPayments({ status: 'authorized' }), clocks),
  run: runReclaim,
}

/** The payments whose hold is past its deadline at each chain's time. Pure. */
export function planReclaims(payments: readonly PaymentView[], clocks: Clocks): ReclaimAction[] {
  return payments.flatMap((payment) => {
    const now = clocks.get(payment.chainId)
    const isOver = now !== undefined && payment.status === 'authorized' && now > payment.captureBy
    return isOver ? [{ chainId: payment.chainId, id: payment.id, payment: paymentTerms.parse(payment.terms) }] : []
  })
}

/** The destination is fixed by the terms, so it does not matter who calls. */
export async function runReclaim({ chain, signal }: RunEdge, { payment, id }: ReclaimAction): Promise<Outcome> {
  return submit(chain, {
    key: `reclaim:${id}`,
    to: chain.deployment.contracts.escrow,
    data: encodeFunctionData({ abi: matiEscrowAbi, functionName: 'reclaim', args: [payment] }),
    signal,
  })
}
