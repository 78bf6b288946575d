import { type Address, type Hash, type Hex, zeroAddress } from 'viem'
import { requireTerms } from '../checkTerms.ts'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

/** What brings a payment's money in, and the payer's consent as that wants it: `signPermit`, `signPermit2` make one. */
export type WayIn = { collector: Address; data: Hex }

export type AuthorizeParameters = {
  deployment: Deployment
  payment: Payment
  /** What brings the money: the payer's allowance by default, the escrow's address for ERC-3009, or a collector. */
  collector?: Address
  /**
   * The payer's consent as the collector wants it. With the allowance: nothing if the payer itself calls, else its
   * signature from `signPayment`.
   */
  data?: Hex
}

/**
 * Holds a payment's `maxAmount`. By default the client's account is the payer and its allowance is used; whoever has
 * the payer's signature may relay it.
 * @returns The transaction's hash; the payment's id is `paymentId(payment, deployment)`.
 * @throws InvalidInputError `TERMS_INVALID`; RevertError such as `Escrow_AuthorizeExpired`, `Escrow_TokenNotAllowed`,
 * `ERC20InsufficientAllowance`.
 * @example
 * const hash = await authorize(payer, { deployment, payment })
 * const way = await signPermit2(payer, { deployment, payment, nonce })
 * const byPermit2 = await authorize(relayer, { deployment, payment, ...way })
 * const relayed = await authorize(relayer, { deployment, payment, data: await signPayment(payer, { deployment, payment }) })
 */
export async function authorize(client: SendingClient, parameters: AuthorizeParameters): Promise<Hash> {
  const { deployment, payment, collector = zeroAddress, data = '0x' } = parameters
  requireSameChain(client, deployment)
  requireTerms(payment, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'authorize',
    args: [payment, collector, data],
  })
}
