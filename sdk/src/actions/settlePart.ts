import { type Hash, zeroAddress } from 'viem'
import { settlerAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import { ascending, type SettleParameters } from './settle.ts'

export type SettlePartParameters = SettleParameters & {
  /** The most to settle, in units of the group's token. */
  maxAmountIn: bigint
}

/**
 * Settles no more than `maxAmountIn`: the merchants whole, in ascending order, until one of them is settled in part; the
 * others are skipped. For balances that no pool takes at once within the bound. Anyone may call.
 * @returns The transaction's hash.
 * @throws RevertError such as `Settler_BelowBound` or `Settler_NothingToSettle`.
 * @example
 * const part = { deployment, group, merchants, maxAmountIn: amountIn / 2n }
 * const { messageFee } = await previewSettlement(client, part)
 * const hash = await settlePart(keeper, { ...part, solver, messageFee })
 */
export async function settlePart(client: SendingClient, parameters: SettlePartParameters): Promise<Hash> {
  const { deployment, group, merchants, maxAmountIn, solver, messageFee = 0n } = parameters
  requireSameChain(client, deployment)
  return sendCall(client, {
    address: deployment.contracts.settler,
    abi: settlerAbi,
    functionName: 'settlePart',
    args: [group, ascending(merchants), maxAmountIn, solver?.address ?? zeroAddress, solver?.data ?? '0x'],
    value: messageFee,
  })
}
