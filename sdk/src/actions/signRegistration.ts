import { type Account, type ContractFunctionArgs, hashTypedData, type Hex } from 'viem'
import { MatiError } from '../errors.ts'
import type { merchantRegistryAbi } from '../generated/index.ts'
import { registrationTypes, registryDomain } from '../typedData.ts'

/** What a merchant says about how it is paid; `contracts/src/types/Payout.sol` says what each field means. */
export type Registration = ContractFunctionArgs<typeof merchantRegistryAbi, 'nonpayable', 'register'>[0]

/** What the merchant signs: no chain and no contract in it, so that it holds on every chain. Pure. */
export function registrationTypedData(registration: Registration) {
  return { domain: registryDomain, types: registrationTypes, primaryType: 'Registration', message: registration }
}

/** The hash of a registration, as `MerchantRegistry.registrationHash` gives it. Pure. */
export function registrationHash(registration: Registration): Hex {
  return hashTypedData(registrationTypedData(registration))
}

/**
 * The merchant's signature for `registerMerchant`, good on every chain. Nothing is sent.
 * @example const signature = await signRegistration(merchant, { registration })
 */
export async function signRegistration(account: Account, parameters: { registration: Registration }): Promise<Hex> {
  if (account.type !== 'local') {
    const action = 'Sign registrationTypedData(registration) with the wallet that holds the key.'
    throw new MatiError('The account cannot sign here', { code: 'NO_SIGNER', action })
  }
  return account.signTypedData(registrationTypedData(parameters.registration))
}
