import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type VoidPaymentParameters = { deployment: Deployment; payment: Payment }

/**
 * Lets a payment go: what is still held goes to its `refundTo`. The client's account is the merchant or its operator.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_NotMerchant` or `Escrow_WrongStatus`.
 * @example const hash = await voidPayment(merchant, { deployment, payment })
 */
export async function voidPayment(client: SendingClient, parameters: VoidPaymentParameters): Promise<Hash> {
  const { deployment, payment } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'void',
    args: [payment],
  })
}
