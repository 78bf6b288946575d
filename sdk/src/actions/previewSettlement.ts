import type { Address } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { settlerAbi } from '../generated/index.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'
import { ascending, type Group } from './settle.ts'

export type PreviewSettlementParameters = {
  deployment: Deployment
  group: Group
  merchants: readonly Address[]
  /** The most to settle, as `settlePart` takes it; all by default. */
  maxAmountIn?: bigint
}

export type SettlementPreview = {
  /** The balances that would be settled, in units of the group's token. */
  amountIn: bigint
  /** The least a solver would have to deliver, in units of `out`. */
  minReceived: bigint
  /** The token to deliver: the group's asset, or Mati for another chain. */
  out: Address
  /** How far below the oracle's value `minReceived` is, in basis points. */
  allowanceBps: number
  /** Those of the merchants who would be settled. */
  eligible: Address[]
  /** What the message to another chain costs, in wei; 0 where none is sent. */
  messageFee: bigint
}

/**
 * What `settle`, or with `maxAmountIn` `settlePart`, would do at this moment.
 * @throws RevertError such as `Oracle_PriceUnavailable` or `Settler_NoGateway`.
 * @example const preview = await previewSettlement(client, { deployment, group, merchants })
 */
export async function previewSettlement(
  client: ReadingClient,
  parameters: PreviewSettlementParameters,
): Promise<SettlementPreview> {
  const { deployment, group, maxAmountIn } = parameters
  requireSameChain(client, deployment)
  const merchants = ascending(parameters.merchants)
  const settler = { address: deployment.contracts.settler, abi: settlerAbi }
  const preview =
    maxAmountIn === undefined
      ? readContract(client, { ...settler, functionName: 'preview', args: [group, merchants] })
      : readContract(client, { ...settler, functionName: 'previewPart', args: [group, merchants, maxAmountIn] })
  const [amountIn, minReceived, out, allowanceBps, isEligible] = await preview.catch(throwDecoded)
  const eligible = merchants.filter((_, i) => isEligible[i])
  const messageFee =
    eligible.length === 0
      ? 0n
      : await readContract(client, {
          ...settler,
          functionName: 'quoteMessage',
          args: [group.eid, BigInt(eligible.length)],
        }).catch(throwDecoded)
  return { amountIn, minReceived, out, allowanceBps: Number(allowanceBps), eligible, messageFee }
}
