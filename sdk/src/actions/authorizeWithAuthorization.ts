import type { Hash, Hex } from 'viem'
import type { Deployment } from '../deployment.ts'
import type { Payment } from '../terms.ts'
import type { SendingClient } from '../transaction.ts'
import { authorize } from './authorize.ts'

export type AuthorizeWithAuthorizationParameters = {
  deployment: Deployment
  payment: Payment
  /** The payer's, from `signAuthorization`. */
  signature: Hex
}

/**
 * Holds a payment's `maxAmount` by the payer's ERC-3009 signature. Anyone may relay it: the payer needs no gas.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_AuthorizeExpired`, or the token's own ("FiatTokenV2: invalid signature").
 * @example
 * const signature = await signAuthorization(payerAccount, { deployment, payment })
 * const hash = await authorizeWithAuthorization(relayer, { deployment, payment, signature })
 */
export async function authorizeWithAuthorization(
  client: SendingClient,
  parameters: AuthorizeWithAuthorizationParameters,
): Promise<Hash> {
  const { deployment, payment, signature } = parameters
  return authorize(client, { deployment, payment, collector: deployment.contracts.escrow, data: signature })
}
