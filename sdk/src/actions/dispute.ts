import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type DisputeParameters = { deployment: Deployment; payment: Payment }

/**
 * Keeps what is held from being captured until the arbiter ruled. The client's account is the payer, before
 * `captureAfter`.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_DisputeTooLate`, `Escrow_NoArbiter`, `Escrow_NotPayer`.
 * @example const hash = await dispute(payer, { deployment, payment })
 */
export async function dispute(client: SendingClient, parameters: DisputeParameters): Promise<Hash> {
  const { deployment, payment } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'dispute',
    args: [payment],
  })
}
