import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type AuthorizeParameters = { deployment: Deployment; payment: Payment }

/**
 * Holds a payment's `maxAmount` out of the caller's allowance. The client's account is the payer.
 * @returns The transaction's hash; the payment's id is `paymentId(payment, deployment)`.
 * @throws RevertError such as `Escrow_AuthorizeExpired`, `Escrow_TokenNotAllowed`, `ERC20InsufficientAllowance`.
 * @example const hash = await authorize(payer, { deployment, payment })
 */
export async function authorize(client: SendingClient, parameters: AuthorizeParameters): Promise<Hash> {
  const { deployment, payment } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'authorize',
    args: [payment],
  })
}
