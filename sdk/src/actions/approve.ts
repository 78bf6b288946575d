import { erc20Abi, type Address, type Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type ApproveParameters = {
  deployment: Deployment
  token: Address
  /** The most that may be taken, in units of the token. */
  amount: bigint
  /** Who may take it: the escrow by default, when the caller authorizes a payment. */
  spender?: Address
}

/**
 * Lets somebody take the caller's tokens.
 * @returns The transaction's hash.
 * @example await approve(payer, { deployment, token: payment.token, amount: payment.maxAmount })
 */
export async function approve(client: SendingClient, parameters: ApproveParameters): Promise<Hash> {
  const { deployment, token, amount, spender = deployment.contracts.escrow } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, { address: token, abi: erc20Abi, functionName: 'approve', args: [spender, amount] })
}
