/** What duties do to one payment at a time. */
import type { Hex } from 'viem'
import type { Payment, PaymentView } from '@mati/sdk'
import { z } from 'zod'
import { hex, integer } from '../parse.ts'
import type { Clocks } from './job.ts'
import { paymentTerms } from './terms.ts'

export type PaymentAction = { chainId: number; id: Hex; payment: Payment }

export const paymentActionSchema: z.ZodType<PaymentAction> = z.object({
  chainId: integer,
  id: hex,
  payment: paymentTerms,
})

/** The payments that are due at their own chain's time; those of chains that are none of ours are left. Pure. */
export function planPayments(
  payments: readonly PaymentView[],
  clocks: Clocks,
  isDue: (payment: PaymentView, now: number) => boolean,
): PaymentAction[] {
  return payments.flatMap((payment) => {
    const now = clocks.get(payment.chainId)
    if (now === undefined || !isDue(payment, now)) return []
    return [{ chainId: payment.chainId, id: payment.id, payment: paymentTerms.parse(payment.terms) }]
  })
}
