import type { Hash, Hex } from 'viem'
import type { Deployment } from '../deployment.ts'
import { merchantRegistryAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import type { Registration } from './signRegistration.ts'

export type RegisterMerchantParameters = {
  deployment: Deployment
  registration: Registration
  /** The merchant's, from `signRegistration`; none if the merchant itself sends it. */
  signature?: Hex
}

/**
 * Registers on one chain how a merchant is paid. Anyone may relay the merchant's signature; do so on every chain.
 * @returns The transaction's hash.
 * @throws RevertError such as `Registry_NonceUsed`, `Registry_BadSignature`, `Registry_BadRegistration`.
 * @example
 * const signature = await signRegistration(merchant, { registration })
 * for (const { client, deployment } of chains) await registerMerchant(client, { deployment, registration, signature })
 */
export async function registerMerchant(client: SendingClient, parameters: RegisterMerchantParameters): Promise<Hash> {
  const { deployment, registration, signature = '0x' } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.registry,
    abi: merchantRegistryAbi,
    functionName: 'register',
    args: [registration, signature],
  })
}
