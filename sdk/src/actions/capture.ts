import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type CaptureParameters = {
  deployment: Deployment
  payment: Payment
  /** The part of the due to capture, in units of the payment's currency; the whole due by default. */
  dueAmount?: bigint
  /** Share of the capture that goes to the fee receiver; the least signed one by default. */
  feeBps?: number
  /** Ends the hold even if part of the due is left; capturing all that was left always does. False by default. */
  isFinal?: boolean
}

/**
 * Turns held funds into the merchant's ledger balance, at the oracle's rate. The client's account is the merchant or
 * its operator; anyone's if the terms say auto-capture.
 * @returns The transaction's hash.
 * @throws RevertError such as `Escrow_CaptureExpired`, `Escrow_NotMerchant`, `Oracle_PriceUnavailable`.
 * @example const hash = await capture(merchant, { deployment, payment })
 */
export async function capture(client: SendingClient, parameters: CaptureParameters): Promise<Hash> {
  const { deployment, payment, dueAmount = payment.due, feeBps = payment.minFeeBps, isFinal = false } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'capture',
    args: [payment, dueAmount, BigInt(feeBps), isFinal],
  })
}
