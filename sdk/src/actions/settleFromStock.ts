import type { Address, Hash } from 'viem'
import type { Deployment } from '../deployment.ts'
import { stockSolverAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import { ascending, type Group } from './settle.ts'

export type SettleFromStockParameters = {
  deployment: Deployment
  /** Of this chain. */
  group: Group
  /** Who is settled, in any order; the ineligible are skipped with an event. */
  merchants: readonly Address[]
  /** The most to settle, in units of the group's token; all by default. */
  maxAmountIn?: bigint
  /** The most that the caller pays for it, in units of the asset: `previewSettlement`'s `minReceived`, and a little more. */
  maxPaid: bigint
}

/**
 * Settles a group out of the caller's own tokens: it pays exactly the bound of the moment, which it let the stock solver
 * take (`approve` with `spender: deployment.contracts.stockSolver`), and gets the group's tokens and the tip.
 * @returns The transaction's hash.
 * @throws RevertError such as `StockSolver_TooDear` or `Settler_NothingToSettle`.
 * @example
 * const { minReceived } = await previewSettlement(client, { deployment, group, merchants })
 * await approve(keeper, { deployment, token: group.asset, amount: minReceived, spender: deployment.contracts.stockSolver })
 * const hash = await settleFromStock(keeper, { deployment, group, merchants, maxPaid: minReceived })
 */
export async function settleFromStock(client: SendingClient, parameters: SettleFromStockParameters): Promise<Hash> {
  const { deployment, group, merchants, maxAmountIn = 2n ** 256n - 1n, maxPaid } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.stockSolver,
    abi: stockSolverAbi,
    functionName: 'settle',
    args: [group, ascending(merchants), maxAmountIn, maxPaid],
  })
}
