import type { Hash } from 'viem'
import type { SendingClient } from '../transaction.ts'
import { type AuthorizeNativeParameters, sendNative } from './authorizeNative.ts'

/**
 * Holds native coins as `authorizeNative`, and captures the whole due at the lowest signed fee at once; what is left comes
 * back wrapped. Only for terms with auto-capture.
 * @returns The transaction's hash.
 * @throws InvalidInputError `TERMS_INVALID`; RevertError such as those of `authorizeNative` and `capture`.
 * @example const hash = await chargeNative(payer, { deployment, payment })
 */
export async function chargeNative(client: SendingClient, parameters: AuthorizeNativeParameters): Promise<Hash> {
  return sendNative(client, 'charge', parameters)
}
