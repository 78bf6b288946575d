import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type ReclaimParameters = { deployment: Deployment; payment: Payment }

/**
 * Returns what is still held to the payment's `refundTo` once `captureBy` has passed. Anyone may call.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_ReclaimTooEarly` or `Escrow_WrongStatus`.
 * @example const hash = await reclaim(anyone, { deployment, payment })
 */
export async function reclaim(client: SendingClient, parameters: ReclaimParameters): Promise<Hash> {
  const { deployment, payment } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'reclaim',
    args: [payment],
  })
}
