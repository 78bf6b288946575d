import type { Address } from 'viem'
import { forgeArtifact } from './artifacts.ts'
import { contractCall, type Batch, type Call } from './sender.ts'

/** Decimals of a USD feed, as on every network. */
export const feedDecimals = 8

/** Chainlink's own MockV3Aggregator, compiled here. */
export const aggregator = () => forgeArtifact('MockV3Aggregator')

export interface FeedAddresses {
  ethUsd: Address
  usdcUsd: Address
}

/** Deploys one feed per asset, each with a first round. Answers have 8 decimals. */
export function deployFeeds(batch: Batch, answers: Record<keyof FeedAddresses, bigint>): FeedAddresses {
  return {
    ethUsd: batch.deploy(aggregator(), [feedDecimals, answers.ethUsd]),
    usdcUsd: batch.deploy(aggregator(), [feedDecimals, answers.usdcUsd]),
  }
}

/** A new round, as old as the block it lands in. */
export function publishRound(feed: Address, answer: bigint): Call {
  return contractCall(aggregator(), feed, 'updateAnswer', [answer], { gas: 250_000n })
}

export interface PublishingPolicy {
  /** A round is due when the price has moved by this much from the last answer. */
  deviationBps: number
  /** …or when the last round is this old. */
  heartbeatSeconds: number
}

/** Whether a feed owes a round, by the two rules that Chainlink's nodes follow. */
export function isRoundDue(
  last: { answer: bigint; updatedAt: number },
  now: { answer: bigint; seconds: number },
  { deviationBps, heartbeatSeconds }: PublishingPolicy,
): boolean {
  const moved = now.answer > last.answer ? now.answer - last.answer : last.answer - now.answer
  return now.seconds - last.updatedAt >= heartbeatSeconds || moved * 10_000n >= last.answer * BigInt(deviationBps)
}
