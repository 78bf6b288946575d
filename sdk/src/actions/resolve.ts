import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type ResolveParameters = {
  deployment: Deployment
  payment: Payment
  /** The merchant's part of what is held, in units of the token; the rest goes to `refundTo`. */
  merchantAmount: bigint
}

/**
 * Splits a disputed hold. The client's account is the arbiter, until `resolveBy`.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_NotArbiter`, `Escrow_RulingTooLate`, `Escrow_RulingExceedsHold`.
 * @example const hash = await resolve(arbiter, { deployment, payment, merchantAmount: payment.maxAmount / 2n })
 */
export async function resolve(client: SendingClient, parameters: ResolveParameters): Promise<Hash> {
  const { deployment, payment, merchantAmount } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'resolve',
    args: [payment, merchantAmount],
  })
}
