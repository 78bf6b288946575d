import type { Account, Hex } from 'viem'
import { requireTerms } from '../checkTerms.ts'
import type { Deployment } from '../deployment.ts'
import { MatiError } from '../errors.ts'
import type { Payment } from '../terms.ts'
import { escrowDomain, paymentTypes } from '../typedData.ts'

export type SignPaymentParameters = { deployment: Pick<Deployment, 'chainId' | 'contracts'>; payment: Payment }

/**
 * What a payer signs of a payment: all its terms, under the escrow's domain. Its hash is the payment's id. Pure.
 * @throws InvalidInputError `TERMS_INVALID` for terms that the escrow would refuse.
 */
export function paymentTypedData({ deployment, payment }: SignPaymentParameters) {
  requireTerms(payment, deployment)
  return {
    domain: escrowDomain(deployment),
    types: paymentTypes,
    primaryType: 'Payment',
    message: payment,
  } as const
}

/**
 * The payer's consent to a payment out of its allowance, for whoever sends `authorize` or `charge`. Nothing is sent.
 * @example
 * const data = await signPayment(payer, { deployment, payment })
 * const hash = await authorize(relayer, { deployment, payment, data })
 */
export async function signPayment(account: Account, parameters: SignPaymentParameters): Promise<Hex> {
  if (account.type !== 'local') {
    const action = 'Sign paymentTypedData({ deployment, payment }) with the wallet that holds the key.'
    throw new MatiError('The account cannot sign here', { code: 'NO_SIGNER', action })
  }
  return account.signTypedData(paymentTypedData(parameters))
}
