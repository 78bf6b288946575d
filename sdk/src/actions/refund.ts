import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type RefundParameters = {
  deployment: Deployment
  payment: Payment
  /** How much goes back to `refundTo`, in units of the payment's token; at most what was captured. */
  amount: bigint
  /** Whose money it is: the merchant's ledger balance by default, or the caller's allowance. */
  funding?: Funding
}

/** Whose money a refund is paid with. */
export type Funding = 'ledger' | 'caller'

/** Solidity's `Funding`, in its order. */
export function fundingIndex(funding: Funding): number {
  return funding === 'ledger' ? 0 : 1
}

/**
 * Gives back of what was captured. Out of the merchant's ledger only the merchant and its operator may; out of its own
 * allowance anyone.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_RefundExceeded`, `Escrow_InsufficientLedger`, `Escrow_NotMerchant`.
 * @example const hash = await refund(merchant, { deployment, payment, amount: 12_500_000n })
 */
export async function refund(client: SendingClient, parameters: RefundParameters): Promise<Hash> {
  const { deployment, payment, amount, funding = 'ledger' } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'refund',
    args: [payment, amount, fundingIndex(funding)],
  })
}
