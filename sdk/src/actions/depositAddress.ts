import { type Address, concat, getContractAddress } from 'viem'
import { requireTerms } from '../checkTerms.ts'
import type { Deployment } from '../deployment.ts'
import { type Payment, paymentId } from '../terms.ts'

export type DepositAddressParameters = { deployment: Pick<Deployment, 'chainId' | 'contracts'>; payment: Payment }

/**
 * Where to send `maxAmount` of a payment's token by a plain transfer, as `DepositAddresses.addressOf` gives it: an
 * EIP-1167 clone that the terms' hash salts. Pure: nothing needs to be deployed there.
 *
 * The address is good on the payment's own chain only, and until `authorizeBy`; somebody must `openDeposit` by then. What
 * else ever arrives there goes to `refundTo`.
 * @throws InvalidInputError `TERMS_INVALID` for terms that the escrow would never open.
 * @example const address = depositAddress({ deployment, payment })
 */
export function depositAddress({ deployment, payment }: DepositAddressParameters): Address {
  requireTerms(payment, deployment)
  const from = deployment.contracts.depositAddresses
  // What every clone delegates to: the first contract that the factory creates.
  const account = getContractAddress({ from, nonce: 1n })
  const bytecode = concat(['0x3d602d80600a3d3981f3363d3d373d3d3d363d73', account, '0x5af43d82803e903d91602b57fd5bf3'])
  return getContractAddress({ opcode: 'CREATE2', from, salt: paymentId(payment, deployment), bytecode })
}
