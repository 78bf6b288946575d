import type { Address } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { merchantRegistryAbi } from '../generated/index.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'
import type { Registration } from './signRegistration.ts'

export type GetMerchantParameters = { deployment: Deployment; merchant: Address }

export type Merchant = {
  /** How it is paid now; null for one not registered on this chain. */
  payout: Registration['payout'] | null
  /** Who is paid on this chain, with shares that add up to 10,000 basis points. */
  recipients: readonly { account: Address; shareBps: number }[]
  /** Who may settle its ledger balances on this chain; the zero address for nobody. */
  settler: Address
  /** Nonce of its last registration, whether that holds yet or not; the next one's must be greater. */
  nonce: bigint
}

/**
 * What a merchant registered on one chain.
 * @example const { nonce } = await getMerchant(client, { deployment, merchant })
 */
export async function getMerchant(client: ReadingClient, parameters: GetMerchantParameters): Promise<Merchant> {
  const { deployment, merchant } = parameters
  requireSameChain(client, deployment)
  const registry = { address: deployment.contracts.registry, abi: merchantRegistryAbi, args: [merchant] } as const
  const [payout, recipients, settler, nonce] = await Promise.all([
    readContract(client, { ...registry, functionName: 'payout' }),
    readContract(client, { ...registry, functionName: 'recipients' }),
    readContract(client, { ...registry, functionName: 'settlerOf' }),
    readContract(client, { ...registry, functionName: 'nonceOf' }),
  ]).catch(throwDecoded)
  return { payout: payout.eid === 0 ? null : payout, recipients, settler, nonce }
}
