import type { Hex } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'

export type GetPaymentStateParameters = { deployment: Deployment; id: Hex }

/** The escrow's statuses, in the order of Solidity's `PaymentStatus`. */
const statuses = ['none', 'authorized', 'captured', 'voided', 'reclaimed', 'disputed', 'resolved'] as const

export type PaymentState = {
  status: (typeof statuses)[number]
  /** What is still held, and what was captured (fee included), in units of the payment's token. */
  held: bigint
  captured: bigint
  /** What was refunded of the due, in units of the currency. */
  refundedDue: bigint
  /** Until when the guardian keeps it from being captured, Unix seconds; 0 if it never did. */
  frozenUntil: number
}

/**
 * Where a payment stands on the chain that holds it. The indexer's API follows it across chains.
 * @example const { status, held } = await getPaymentState(client, { deployment, id })
 */
export async function getPaymentState(
  client: ReadingClient,
  { deployment, id }: GetPaymentStateParameters,
): Promise<PaymentState> {
  requireSameChain(client, deployment)
  const { status: index, ...amounts } = await readContract(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'paymentState',
    args: [id],
  }).catch(throwDecoded)
  const status = statuses[index]
  if (status === undefined) throw new RangeError(`The escrow answered the unknown status ${index}`)
  return { status, ...amounts }
}
