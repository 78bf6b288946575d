import { type Address, type ContractFunctionReturnType, type Hex, isAddressEqual, zeroAddress } from 'viem'
import { getBlockNumber, readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { rateLensAbi } from '../generated/index.ts'
import type { Rate } from '../rate.ts'
import { decodeRevert, RevertError, throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'

export type ExplainRateParameters = { deployment: Deployment; base: Address; quote: Address }

/** Why something is not to be had: the error that a contract would meet (with the sources' own reasons within). */
export type Unusable = { status: 'unusable'; error: RevertError }

/** One source behind an asset's price, and what it says. */
export type SourceExplanation = {
  asset: Address
  source: Address
  /** What the source counts in; null if it does not say. */
  quote: Address | null
  /** WAD per whole unit of the asset; the oracle may yet refuse it, being out of range. */
  price: { status: 'usable'; wad: bigint; roundId: bigint; updatedAt: number } | Unusable
  /** Whether settlements have that price too, being near what the asset trades at now. */
  market: { status: 'usable' } | Unusable
}

export type RateExplanation = {
  /** The block that all of it is of. */
  blockNumber: bigint
  /** Whether captures have a rate, and which; `ageSeconds` is that of the oldest price behind it. */
  capture: { status: 'usable'; rate: Rate; ageSeconds: number } | Unusable
  /** Whether settlements have it too. */
  settlement: { status: 'usable' } | Unusable
  /**
   * The sources behind each asset's price in USD: its own, then that of the token it is quoted in, if it is. None for
   * USD, nor for an asset without a source.
   */
  sources: { base: SourceExplanation[]; quote: SourceExplanation[] }
}

/**
 * What a page shows of a rate: how much, how old, from where, or why there is none. Unlike `getRate` it throws for no
 * source's sake. The node has to give a call 20,000,000 gas, as nodes do.
 * @throws MatiError `WRONG_CHAIN`, `RPC_UNAVAILABLE`; `CALL_FAILED` for what is no address.
 * @example
 * const { capture } = await explainRate(client, { deployment, base: weth, quote: USD.address })
 * if (capture.status === 'unusable') show(capture.error.message)
 */
export async function explainRate(client: ReadingClient, parameters: ExplainRateParameters): Promise<RateExplanation> {
  const { deployment, base, quote } = parameters
  requireSameChain(client, deployment)
  const blockNumber = await getBlockNumber(client, { cacheTime: 0 }).catch(throwDecoded)
  const lens = { address: deployment.contracts.rateLens, abi: rateLensAbi, blockNumber } as const
  const [shown, baseSources, quoteSources] = await Promise.all([
    readContract(client, { ...lens, functionName: 'rate', args: [base, quote] }),
    readContract(client, { ...lens, functionName: 'sources', args: [base] }),
    readContract(client, { ...lens, functionName: 'sources', args: [quote] }),
  ]).catch(throwDecoded)
  const { usableForCapture, usableForSettlement, rate, age, captureReason, settlementReason } = shown
  return {
    blockNumber,
    capture: usableForCapture ? { status: 'usable', rate, ageSeconds: Number(age) } : unusable(captureReason),
    settlement: usableForSettlement ? { status: 'usable' } : unusable(settlementReason),
    sources: { base: baseSources.map(sourceOf), quote: quoteSources.map(sourceOf) },
  }
}

type SourceView = ContractFunctionReturnType<typeof rateLensAbi, 'view', 'sources'>[number]

function sourceOf(view: SourceView): SourceExplanation {
  const { asset, source, quoteAsset, hasPrice, wad, roundId, updatedAt, priceReason, isTogether, togetherReason } = view
  return {
    asset,
    source,
    quote: isAddressEqual(quoteAsset, zeroAddress) ? null : quoteAsset,
    price: hasPrice ? { status: 'usable', wad, roundId, updatedAt } : unusable(priceReason),
    market: isTogether ? { status: 'usable' } : unusable(togetherReason),
  }
}

/** The same error that a capture or `getRate` would throw; the data is empty where what failed gave no reason. */
function unusable(data: Hex): Unusable {
  return { status: 'unusable', error: new RevertError(data, decodeRevert(data), undefined) }
}
