import { type Hash, zeroAddress } from 'viem'
import { requireTerms } from '../checkTerms.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import type { AuthorizeParameters } from './authorize.ts'

export type ChargeParameters = AuthorizeParameters & {
  /** Share of the capture that goes to the fee receiver; the least signed one by default. */
  feeBps?: number
}

/**
 * Authorizes and captures the whole due at once; what is left of the hold goes to `refundTo`. The client's account is
 * the merchant, its operator, or the payer; anyone's if the terms say auto-capture.
 * @returns The transaction's hash.
 * @throws InvalidInputError `TERMS_INVALID`; RevertError such as those of `authorize` and `capture`.
 * @example const hash = await charge(payer, { deployment, payment })
 */
export async function charge(client: SendingClient, parameters: ChargeParameters): Promise<Hash> {
  const { deployment, payment, collector = zeroAddress, data = '0x', feeBps = payment.minFeeBps } = parameters
  requireSameChain(client, deployment)
  requireTerms(payment, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'charge',
    args: [payment, collector, data, BigInt(feeBps)],
  })
}
