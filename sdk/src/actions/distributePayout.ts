import type { Address, Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { payoutAccountsAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import type { PayoutTerms } from './openPayoutAccount.ts'

export type DistributePayoutParameters = { deployment: Deployment; terms: PayoutTerms; token: Address }

/**
 * Divides all that arrived in a payout account and was not settled over its recipients' ledger balances. The merchant,
 * or any of the recipients.
 * @returns The transaction's hash.
 * @throws RevertError such as `PayoutAccounts_NotParty`, `PayoutAccounts_NothingToDistribute`.
 * @example await distributePayout(recipient, { deployment, terms, token: deployment.contracts.token })
 */
export async function distributePayout(client: SendingClient, parameters: DistributePayoutParameters): Promise<Hash> {
  const { deployment, terms, token } = parameters
  requireSameChain(client, deployment)
  const { escrow, payoutAccounts: address } = deployment.contracts
  return sendCall(client, {
    address,
    abi: payoutAccountsAbi,
    functionName: 'distribute',
    args: [terms, escrow, token],
  })
}
