import { type Address, type Hash, zeroAddress } from 'viem'
import type { Deployment } from '../deployment.ts'
import { settlerAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import { ascending, type Group, type SettleParameters } from './settle.ts'

/** A group and those of it who are to be settled, in any order. */
export type Side = { group: Group; merchants: readonly Address[] }

export type SettleCrossedParameters = {
  deployment: Deployment
  /** The side that is settled wholly out of the other's balances. */
  covered: Side
  /** The side that gets the covered one's, and what a solver gives for what is left of its own. */
  other: Side
  /** Who converts what is left, as for `settle`; none if nothing is. */
  solver?: NonNullable<SettleParameters['solver']>
}

/**
 * Settles two opposite groups of one chain against each other at the oracle's rate, without a pool but for what one has
 * more than the other. `previewCrossing` tells which side is covered. Anyone may call.
 * @returns The transaction's hash.
 * @throws RevertError such as `Settler_NotCovered`, `Settler_NotOpposite`, `Settler_BelowBound`.
 * @example
 * const crossing = await previewCrossing(client, { deployment, sides: [wethToUsdc, usdcToWeth] })
 * if (crossing) await settleCrossed(keeper, { deployment, ...crossing, solver })
 */
export async function settleCrossed(client: SendingClient, parameters: SettleCrossedParameters): Promise<Hash> {
  const { deployment, covered, other, solver } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.settler,
    abi: settlerAbi,
    functionName: 'settleCrossed',
    args: [sorted(covered), sorted(other), solver?.address ?? zeroAddress, solver?.data ?? '0x'],
  })
}

function sorted({ group, merchants }: Side) {
  return { group, merchants: ascending(merchants) }
}
