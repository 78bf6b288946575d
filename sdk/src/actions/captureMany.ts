import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import type { CaptureParameters } from './capture.ts'

export type CaptureManyParameters = {
  deployment: Deployment
  /** Each as `capture` takes it. */
  orders: readonly Omit<CaptureParameters, 'deployment'>[]
}

/**
 * Captures many payments in one transaction, each as `capture` would. One that fails is left out, with the event
 * `CallSkipped`, and the others go on.
 * @returns The transaction's hash.
 * @throws RevertError `Escrow_InsufficientGas` where one may have failed for want of gas.
 * @example const hash = await captureMany(merchant, { deployment, orders: payments.map((payment) => ({ payment })) })
 */
export async function captureMany(client: SendingClient, parameters: CaptureManyParameters): Promise<Hash> {
  const { deployment, orders } = parameters
  requireSameChain(client, deployment)
  const args = orders.map(({ payment, dueAmount = payment.due, feeBps = payment.minFeeBps, isFinal = false }) => ({
    payment,
    dueAmount,
    feeBps: BigInt(feeBps),
    isFinal,
  }))
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'captureMany',
    args: [args],
  })
}
