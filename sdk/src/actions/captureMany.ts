import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import type { CaptureParameters } from './capture.ts'

/** One capture of many, as `capture` takes it. */
export type CaptureOrder = Omit<CaptureParameters, 'deployment'>

export type CaptureManyParameters = {
  deployment: Deployment
  orders: readonly CaptureOrder[]
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
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'captureMany',
    args: [orders.map(captureOrder)],
  })
}

/** An order as the contracts take it, with what `capture` does by default. */
export function captureOrder({ payment, dueAmount, feeBps, isFinal = false }: CaptureOrder) {
  return { payment, dueAmount: dueAmount ?? payment.due, feeBps: BigInt(feeBps ?? payment.minFeeBps), isFinal }
}
