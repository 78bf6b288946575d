import type { ContractFunctionArgs, Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { merchantRegistryAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

/** What a payout account stands for: merchant, payout, and what the merchant says of the payout's chain. */
export type PayoutTerms = ContractFunctionArgs<typeof merchantRegistryAbi, 'nonpayable', 'openPayoutAccount'>[0]

export type OpenPayoutAccountParameters = {
  /** The chain of the payout. */
  deployment: Deployment
  /** As `Registered` told them on the chain that pays; `Api.getPayoutAccounts` lists them. */
  terms: PayoutTerms
}

/**
 * Lets what arrives from other chains in a payout account be settled. Anyone may; only needed where the merchant has
 * not registered on the payout's chain, and without effect where the account is open.
 * @returns The transaction's hash.
 * @throws RevertError such as `Registry_OtherChain`, `Registry_BadRegistration`.
 * @example await openPayoutAccount(client, { deployment, terms })
 */
export async function openPayoutAccount(client: SendingClient, parameters: OpenPayoutAccountParameters): Promise<Hash> {
  const { deployment, terms } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.registry,
    abi: merchantRegistryAbi,
    functionName: 'openPayoutAccount',
    args: [terms],
  })
}
