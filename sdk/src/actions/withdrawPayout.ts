import type { Address, Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { payoutAccountsAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import type { PayoutTerms } from './openPayoutAccount.ts'

export type WithdrawPayoutParameters = {
  deployment: Deployment
  terms: PayoutTerms
  token: Address
  /** In units of the token. */
  amount: bigint
  to: Address
}

/**
 * Takes raw what arrived in a payout account and was not settled, to any address. Only its merchant.
 * @returns The transaction's hash.
 * @throws RevertError such as `PayoutAccounts_NotMerchant`, `Escrow_InsufficientLedger`.
 * @example await withdrawPayout(merchant, { deployment, terms, token: deployment.contracts.token, amount, to })
 */
export async function withdrawPayout(client: SendingClient, parameters: WithdrawPayoutParameters): Promise<Hash> {
  const { deployment, terms, token, amount, to } = parameters
  requireSameChain(client, deployment)
  const { escrow, payoutAccounts: address } = deployment.contracts
  const args = [terms, escrow, token, amount, to] as const
  return sendCall(client, { address, abi: payoutAccountsAbi, functionName: 'withdraw', args })
}
