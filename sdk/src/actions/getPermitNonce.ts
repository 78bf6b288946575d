import type { Address } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { matiTokenAbi } from '../generated/index.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'

export type GetPermitNonceParameters = {
  deployment: Deployment
  /** One with EIP-2612. */
  token: Address
  owner: Address
}

/**
 * The nonce of an account's next EIP-2612 permit in a token, for `signPermit`.
 * @example const nonce = await getPermitNonce(client, { deployment, token: payment.token, owner: payment.payer })
 */
export async function getPermitNonce(client: ReadingClient, parameters: GetPermitNonceParameters): Promise<bigint> {
  const { deployment, token, owner } = parameters
  requireSameChain(client, deployment)
  // EIP-2612 fixes the function: it is the same in every token that has it, Mati among them.
  return readContract(client, { address: token, abi: matiTokenAbi, functionName: 'nonces', args: [owner] }).catch(
    throwDecoded,
  )
}
