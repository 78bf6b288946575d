/** Payments and their captures, as one moment knows them: a payment without all of them would look as if paid out. */
import type { Hex } from 'viem'
import { readTogether } from './read-together.ts'

export interface CaptureQueries<Payment, Capture> {
  payments: () => Promise<Payment[]>
  /** The captures of these payments, in the order of events. */
  captures: (ids: Hex[]) => Promise<Capture[]>
}

/** @throws Error if every try found that a payment tells of more or less than its captures add up to. */
export async function readCaptures<
  Payment extends { id: Hex; captured: bigint },
  Capture extends { paymentId: Hex; amount: bigint },
>(queries: CaptureQueries<Payment, Capture>): Promise<{ rows: Payment[]; capturesOf: Map<Hex, Capture[]> }> {
  return readTogether(
    async () => {
      const rows = await queries.payments()
      const captures = await queries.captures(rows.map(({ id }) => id))
      return { rows, capturesOf: Map.groupBy(captures, ({ paymentId }) => paymentId) }
    },
    {
      isTogether: ({ rows, capturesOf }) =>
        rows.every(({ id, captured }) => captured === sumOf(capturesOf.get(id) ?? [])),
      reason: 'payments and their captures do not belong together',
    },
  )
}

function sumOf(captures: readonly { amount: bigint }[]): bigint {
  return captures.reduce((sum, { amount }) => sum + amount, 0n)
}
