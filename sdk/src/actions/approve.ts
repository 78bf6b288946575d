import { erc20Abi, type Address, type Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type ApproveParameters = {
  deployment: Deployment
  token: Address
  /** The most the escrow may take, in units of the token. */
  amount: bigint
}

/**
 * Lets the escrow take the caller's tokens when the caller authorizes a payment.
 * @returns The transaction's hash.
 * @example await approve(payer, { deployment, token: payment.token, amount: payment.maxAmount })
 */
export async function approve(client: SendingClient, parameters: ApproveParameters): Promise<Hash> {
  const { deployment, token, amount } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: token,
    abi: erc20Abi,
    functionName: 'approve',
    args: [deployment.contracts.escrow, amount],
  })
}
