import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import { type Funding, fundingIndex } from './refund.ts'

export type RefundDueParameters = {
  deployment: Deployment
  payment: Payment
  /** What of the due is given back, in units of the currency. */
  dueAmount: bigint
  /** The most that may take at the rate of that moment, in units of the token. */
  maxAmount: bigint
  /** Whose money it is: the merchant's ledger balance by default, or the caller's allowance. */
  funding?: Funding
}

/**
 * Gives back what a part of the due is worth now, of what was captured; otherwise as `refund`.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_RefundExceeded`, `Escrow_InsufficientLedger`, `Oracle_PriceUnavailable`.
 * @example const hash = await refundDue(merchant, { deployment, payment, dueAmount: payment.due, maxAmount })
 */
export async function refundDue(client: SendingClient, parameters: RefundDueParameters): Promise<Hash> {
  const { deployment, payment, dueAmount, maxAmount, funding = 'ledger' } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'refundDue',
    args: [payment, dueAmount, maxAmount, fundingIndex(funding)],
  })
}
