import type { Hex } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'

export type GetPaymentStateParameters = { deployment: Deployment; id: Hex }

/** The escrow's statuses, in the order of Solidity's `PaymentStatus`. */
const statuses = ['none', 'authorized', 'captured', 'voided', 'reclaimed'] as const

export type PaymentState = {
  status: (typeof statuses)[number]
  /** What is still held, and what was captured (fee included), in units of the payment's token. */
  held: bigint
  captured: bigint
  /** What was captured of the due in parts, in units of the currency; 0 after one capture of the whole due. */
  capturedDue: bigint
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
  const escrow = { address: deployment.contracts.escrow, abi: matiEscrowAbi }
  const [state, capturedDue] = await Promise.all([
    readContract(client, { ...escrow, functionName: 'paymentState', args: [id] }),
    readContract(client, { ...escrow, functionName: 'capturedDue', args: [id] }),
  ]).catch(throwDecoded)
  const status = statuses[state.status]
  if (status === undefined) throw new RangeError(`The escrow answered the unknown status ${state.status}`)
  return { status, held: state.held, captured: state.captured, capturedDue }
}
