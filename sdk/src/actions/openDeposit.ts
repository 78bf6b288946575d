import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import type { Payment } from '../terms.ts'
import type { SendingClient } from '../transaction.ts'
import { authorize } from './authorize.ts'

export type OpenDepositParameters = { deployment: Deployment; payment: Payment }

/**
 * Holds what was sent to a payment's deposit address; a surplus goes to `refundTo`. Anyone may.
 * @returns The transaction's hash.
 * @throws RevertError such as `DepositAddresses_Underpaid` or `Escrow_AuthorizeExpired`.
 * @example const hash = await openDeposit(relayer, { deployment, payment })
 */
export async function openDeposit(
  client: SendingClient,
  { deployment, payment }: OpenDepositParameters,
): Promise<Hash> {
  return authorize(client, { deployment, payment, collector: deployment.contracts.depositAddresses })
}
