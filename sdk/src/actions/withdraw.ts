import type { Address, Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type WithdrawParameters = {
  deployment: Deployment
  token: Address
  /** In units of the token, at most the ledger balance. */
  amount: bigint
  /** Who gets it; the caller by default. */
  to?: Address
}

/**
 * Takes the caller's ledger balance out, unconverted. Never pausable.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_InsufficientLedger` or `Escrow_BadRecipient`.
 * @example const hash = await withdraw(merchant, { deployment, token: weth, amount })
 */
export async function withdraw(client: SendingClient, parameters: WithdrawParameters): Promise<Hash> {
  const { deployment, token, amount, to = client.account.address } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'withdraw',
    args: [token, amount, to],
  })
}
