import { type Address, type ContractFunctionArgs, type Hash, type Hex, zeroAddress } from 'viem'
import type { Deployment } from '../deployment.ts'
import { settlerAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

/** Merchants whose balances are settled together: `token` here, `asset` on the chain `eid`, slippage `tier`. */
export type Group = ContractFunctionArgs<typeof settlerAbi, 'payable', 'settle'>[0]

export type SettleParameters = {
  deployment: Deployment
  group: Group
  /** Who is settled, in any order; the ineligible are skipped with an event. */
  merchants: readonly Address[]
  /** Who converts, and what it is told: `deployment.contracts.solver` with `encodePath(...)`. None if nothing is to be converted. */
  solver?: { address: Address; data: Hex }
  /** Native coin for the message to another chain, in wei: `previewSettlement`'s `messageFee`. */
  messageFee?: bigint
}

/**
 * Settles ledger balances: converts, pays or sends them out, and pays the caller its tip. Anyone may call.
 * @returns The transaction's hash.
 * @throws RevertError such as `Settler_BelowBound` or `Settler_NothingToSettle`.
 * @example
 * const { messageFee } = await previewSettlement(client, { deployment, group, merchants })
 * const solver = { address: deployment.contracts.solver, data: encodePath([weth, mati], [3000]) }
 * const hash = await settle(keeper, { deployment, group, merchants, solver, messageFee })
 */
export async function settle(client: SendingClient, parameters: SettleParameters): Promise<Hash> {
  const { deployment, group, merchants, solver, messageFee = 0n } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.settler,
    abi: settlerAbi,
    functionName: 'settle',
    args: [group, ascending(merchants), solver?.address ?? zeroAddress, solver?.data ?? '0x'],
    value: messageFee,
  })
}

/** Merchants as the settler wants them: each once, in ascending order. */
export function ascending(merchants: readonly Address[]): Address[] {
  const byValue = new Map(merchants.map((merchant) => [BigInt(merchant), merchant]))
  return [...byValue].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, merchant]) => merchant)
}
