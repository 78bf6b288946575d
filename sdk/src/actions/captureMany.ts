import type { Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import { type CaptureOrder, packOrders } from '../packOrders.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type CaptureManyParameters = {
  deployment: Deployment
  orders: readonly CaptureOrder[]
}

/**
 * Captures many payments in one transaction, each as `capture` would. One that fails is left out, with the event
 * `CallSkipped`, and the others go on.
 * @returns The transaction's hash.
 * @throws InvalidInputError `ORDERS_INVALID` for more than 65,535; RevertError `Escrow_InsufficientGas` where one may have failed for want of gas.
 * @example const hash = await captureMany(merchant, { deployment, orders: payments.map((payment) => ({ payment })) })
 */
export async function captureMany(client: SendingClient, parameters: CaptureManyParameters): Promise<Hash> {
  const { deployment, orders } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'captureMany',
    args: [packOrders(orders)],
  })
}
