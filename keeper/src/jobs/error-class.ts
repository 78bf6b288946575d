import { decodeError } from '@mati/sdk'
import type { RunClass } from '../patience.ts'

/** How soon what failed is tried again: a node, a database or a purse may be well again soon. */
export function classOf(error: unknown): Extract<RunClass, 'retryable' | 'permanent'> {
  const { code, retryable } = decodeError(error)
  // Somebody will fund the signer: /health asks for it.
  return retryable || code === 'INSUFFICIENT_FUNDS' ? 'retryable' : 'permanent'
}
