import type { Hex } from 'viem'
import type { Api } from '../api/client.ts'
import type { PaymentView } from '../api/schema.ts'
import { MatiError } from '../errors.ts'

export type WaitForPaymentParameters = {
  id: Hex
  /** What is waited for; by default a status that nothing follows: settled, voided, reclaimed, resolved or withdrawn. */
  until?: (payment: PaymentView) => boolean
  /** How long, in milliseconds; 2 minutes by default. */
  timeoutMs?: number
  /** How often the indexer is asked, in milliseconds; 500 by default. */
  pollMs?: number
  /** Told of every change of the payment on the way. */
  onChange?: (payment: PaymentView) => void
  signal?: AbortSignal
}

const ends: readonly PaymentView['status'][] = ['settled', 'voided', 'reclaimed', 'resolved', 'withdrawn']

/**
 * Follows a payment across chains until it is where it is waited for. Lasts through an indexer that is not there yet
 * or for a while.
 * @returns The payment as the index then knows it: look at its `status`.
 * @throws MatiError `WAIT_TIMEOUT` (retryable) with the payment's last status in `meta`.
 * @example
 * const payment = await waitForPayment(api, { id, timeoutMs: 60_000 })
 * if (payment.status !== 'settled') throw new Error(`not paid: ${payment.status}`)
 */
export async function waitForPayment(api: Api, parameters: WaitForPaymentParameters): Promise<PaymentView> {
  const { id, timeoutMs = 120_000, pollMs = 500, onChange, signal } = parameters
  const until = parameters.until ?? (({ status }: PaymentView) => ends.includes(status))
  const deadline = performance.now() + timeoutMs
  let last: PaymentView | null = null
  let lastError: unknown

  while (performance.now() < deadline) {
    signal?.throwIfAborted()
    try {
      const payment = await api.getPayment(id)
      if (payment && (payment.status !== last?.status || payment.timeline.length !== last.timeline.length))
        onChange?.(payment)
      last = payment ?? last
      if (payment && until(payment)) return payment
      lastError = undefined
    } catch (error) {
      if (!(error instanceof MatiError && error.retryable)) throw error
      lastError = error
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  const where = last ? `it is ${last.status}` : 'the index does not know it'
  throw new MatiError(`Payment ${id} is not there after ${timeoutMs / 1000} s: ${where}`, {
    code: 'WAIT_TIMEOUT',
    action: 'Wait longer; see whether a keeper and the message workers run.',
    retryable: true,
    meta: { id, status: last?.status ?? null },
    cause: lastError,
  })
}
