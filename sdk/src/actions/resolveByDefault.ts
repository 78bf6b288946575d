import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type ResolveByDefaultParameters = { deployment: Deployment; payment: Payment }

/**
 * Splits a disputed hold as the terms say, once the arbiter's time is over. Anyone may.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_DefaultTooEarly` or `Escrow_WrongStatus`.
 * @example const hash = await resolveByDefault(keeper, { deployment, payment })
 */
export async function resolveByDefault(client: SendingClient, parameters: ResolveByDefaultParameters): Promise<Hash> {
  const { deployment, payment } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'resolveByDefault',
    args: [payment],
  })
}
