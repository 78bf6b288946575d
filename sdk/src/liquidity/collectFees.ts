import { type Address, type Hash, maxUint128 } from 'viem'
import type { Deployment } from '../deployment.ts'
import { nonfungiblePositionManagerAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type CollectFeesParameters = {
  deployment: Deployment
  /** The position's id. */
  id: bigint
  /** Who gets what was earned; the caller by default. */
  recipient?: Address
}

/**
 * Takes what a position earned. Its owner or an approved account calls.
 * @returns The transaction's hash.
 * @throws RevertError "Not approved".
 * @example const hash = await collectFees(client, { deployment, id })
 */
export async function collectFees(client: SendingClient, parameters: CollectFeesParameters): Promise<Hash> {
  const { deployment, id, recipient = client.account.address } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.external.uniswap.positionManager,
    abi: nonfungiblePositionManagerAbi,
    functionName: 'collect',
    args: [{ tokenId: id, recipient, amount0Max: maxUint128, amount1Max: maxUint128 }],
  })
}
