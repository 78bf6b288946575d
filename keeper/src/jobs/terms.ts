import type { Payment } from '@mati/sdk'
import { z } from 'zod'
import { address, hex } from '../parse.ts'

const units = z.coerce.bigint()
const count = z.coerce.number().int().nonnegative()

/** A payment's terms as the index, or a queued action, holds them. */
export const paymentTerms: z.ZodType<Payment> = z.object({
  payer: address,
  merchant: address,
  token: address,
  maxAmount: units,
  currency: address,
  due: units,
  fallbackAmount: units,
  minFeeBps: count,
  maxFeeBps: count,
  feeReceiver: address,
  authorizeBy: count,
  captureAfter: count,
  captureBy: count,
  autoCapture: z.stringbool().or(z.boolean()),
  arbiter: address,
  resolveBy: count,
  defaultMerchantBps: count,
  refundTo: address,
  invoice: hex,
})
