import type { Account, Hex } from 'viem'
import { requireTerms } from '../checkTerms.ts'
import { type Deployment, tokenOf } from '../deployment.ts'
import { MatiError } from '../errors.ts'
import { type Payment, paymentId } from '../terms.ts'
import { receiveWithAuthorizationTypes } from '../typedData.ts'

export type SignAuthorizationParameters = { deployment: Deployment; payment: Payment }

/**
 * What the payer signs to have a payment held without a transaction of its own: ERC-3009's `ReceiveWithAuthorization`
 * under the token's domain. Its nonce is the payment's id, which binds every term to the money. Pure.
 * @throws MatiError `NO_ERC3009` if the token takes no such signatures; InvalidInputError `TERMS_INVALID`.
 */
export function authorizationTypedData({ deployment, payment }: SignAuthorizationParameters) {
  requireTerms(payment, deployment)
  const token = tokenOf(deployment, payment.token)
  if (!token.erc3009) {
    const action = 'Let the payer call approve and authorize instead.'
    throw new MatiError(`${token.symbol} takes no ERC-3009 signatures`, { code: 'NO_ERC3009', action })
  }
  return {
    domain: { name: token.name, version: token.version, chainId: deployment.chainId, verifyingContract: token.address },
    types: receiveWithAuthorizationTypes,
    primaryType: 'ReceiveWithAuthorization',
    message: {
      from: payment.payer,
      to: deployment.contracts.escrow,
      value: payment.maxAmount,
      validAfter: 0n,
      // The first second that is too late; `authorizeBy` is the last one in time.
      validBefore: BigInt(payment.authorizeBy) + 1n,
      nonce: paymentId(payment, deployment),
    },
  } as const
}

/**
 * The payer's signature for `authorizeWithAuthorization`. Nothing is sent.
 * @param account The payer's account, able to sign typed data (viem's local accounts are).
 * @example const signature = await signAuthorization(payer, { deployment, payment })
 */
export async function signAuthorization(account: Account, parameters: SignAuthorizationParameters): Promise<Hex> {
  if (account.type !== 'local') {
    const action = 'Sign authorizationTypedData({ deployment, payment }) with the wallet that holds the key.'
    throw new MatiError('The account cannot sign here', { code: 'NO_SIGNER', action })
  }
  return account.signTypedData(authorizationTypedData(parameters))
}
