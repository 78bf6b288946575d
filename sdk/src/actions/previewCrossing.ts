import type { Address } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { rateOracleAbi } from '../generated/index.ts'
import { toQuoteUp } from '../rate.ts'
import { throwDecoded } from '../reverts.ts'
import type { ReadingClient } from '../transaction.ts'
import { previewSettlement, type SettlementPreview } from './previewSettlement.ts'
import type { Side } from './settleCrossed.ts'

export type PreviewCrossingParameters = {
  deployment: Deployment
  /** Two groups of this chain, of which each wants the other's token. */
  sides: readonly [Side, Side]
}

export type CrossingPreview = {
  /** As `settleCrossed` takes them: of each side those who would be settled. */
  covered: Side
  other: Side
  /** The balances of both sides, in units of their own tokens. */
  coveredIn: bigint
  otherIn: bigint
  /** What of the other side's balances is left for a solver, and the least it must give for it; 0 where nothing is. */
  left: bigint
  minOut: bigint
}

/**
 * What `settleCrossed` would do at this moment.
 * @returns null if nobody of a side is due, or by rounding neither covers the other.
 * @throws RevertError such as `Oracle_PriceUnavailable`.
 * @example const crossing = await previewCrossing(client, { deployment, sides: [wethToUsdc, usdcToWeth] })
 */
export async function previewCrossing(
  client: ReadingClient,
  { deployment, sides: [a, b] }: PreviewCrossingParameters,
): Promise<CrossingPreview | null> {
  const [previewA, previewB] = await Promise.all([
    previewSettlement(client, { deployment, ...a }),
    previewSettlement(client, { deployment, ...b }),
  ])
  if (previewA.eligible.length === 0 || previewB.eligible.length === 0) return null
  const [sideA, sideB] = [
    { side: a, preview: previewA },
    { side: b, preview: previewB },
  ]
  return (await cover(client, deployment, sideA, sideB)) ?? (await cover(client, deployment, sideB, sideA))
}

type Previewed = { side: Side; preview: SettlementPreview }

/** As the settler decides: `covered` gets its value in full, rounded up, if `other` has so much. */
async function cover(
  client: ReadingClient,
  deployment: Deployment,
  covered: Previewed,
  other: Previewed,
): Promise<CrossingPreview | null> {
  const [rate] = await settlementRate(client, deployment, covered.side.group.token, other.side.group.token)
  const given = toQuoteUp(rate, covered.preview.amountIn)
  const left = other.preview.amountIn - given
  if (left < 0n) return null
  const owed = other.preview.minReceived - covered.preview.amountIn
  return {
    covered: eligibleOf(covered),
    other: eligibleOf(other),
    coveredIn: covered.preview.amountIn,
    otherIn: other.preview.amountIn,
    left,
    minOut: left === 0n || owed < 0n ? 0n : owed,
  }
}

function eligibleOf({ side, preview }: Previewed): Side {
  return { group: side.group, merchants: preview.eligible }
}

async function settlementRate(client: ReadingClient, { contracts }: Deployment, base: Address, quote: Address) {
  return readContract(client, {
    address: contracts.oracle,
    abi: rateOracleAbi,
    functionName: 'settlementRate',
    args: [base, quote],
  }).catch(throwDecoded)
}
