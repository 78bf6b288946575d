import { type Account, encodePacked, type Hex } from 'viem'
import { requireTerms } from '../checkTerms.ts'
import type { Deployment } from '../deployment.ts'
import { MatiError } from '../errors.ts'
import type { Payment } from '../terms.ts'
import { permit2Types } from '../typedData.ts'
import type { WayIn } from './authorize.ts'

export type SignPermit2Parameters = {
  deployment: Pick<Deployment, 'chainId' | 'contracts' | 'external'>
  payment: Payment
  /** One that the payer has not used with Permit2: `getPermit2Nonce`. */
  nonce: bigint
}

/**
 * What the payer signs for the Permit2 collector: Permit2's `PermitWitnessTransferFrom` with the payment as its witness,
 * so that one signature is for money and terms, and a wallet shows all of them. Pure.
 * @throws InvalidInputError `TERMS_INVALID` for terms that the escrow would refuse.
 */
export function permit2TypedData({ deployment, payment, nonce }: SignPermit2Parameters) {
  requireTerms(payment, deployment)
  return {
    domain: { name: 'Permit2', chainId: deployment.chainId, verifyingContract: deployment.external.permit2 },
    types: permit2Types,
    primaryType: 'PermitWitnessTransferFrom',
    message: {
      permitted: { token: payment.token, amount: payment.maxAmount },
      spender: deployment.contracts.permit2Collector,
      nonce,
      deadline: BigInt(payment.authorizeBy),
      witness: payment,
    },
  } as const
}

/**
 * A way in for a payer that once approved Permit2 (`approve` with `spender: deployment.external.permit2`), with any token:
 * anyone relays its signature. Nothing is sent.
 * @param account The payer's account, able to sign typed data (viem's local accounts are).
 * @example
 * const nonce = await getPermit2Nonce(client, { deployment, owner: payer.address })
 * const way = await signPermit2(payer, { deployment, payment, nonce })
 * const hash = await authorize(relayer, { deployment, payment, ...way })
 */
export async function signPermit2(account: Account, parameters: SignPermit2Parameters): Promise<WayIn> {
  if (account.type !== 'local') {
    const action = 'Sign permit2TypedData(…) with the wallet that holds the key: permit2Way takes the signature.'
    throw new MatiError('The account cannot sign here', { code: 'NO_SIGNER', action })
  }
  return permit2Way({ ...parameters, signature: await account.signTypedData(permit2TypedData(parameters)) })
}

/** The way in of a signature of `permit2TypedData`: by key, ERC-1271 or ERC-6492. Pure. */
export function permit2Way(parameters: SignPermit2Parameters & { signature: Hex }): WayIn {
  const { deployment, nonce, signature } = parameters
  return {
    collector: deployment.contracts.permit2Collector,
    data: encodePacked(['uint256', 'bytes'], [nonce, signature]),
  }
}
