import type { LocalChain } from './chain.ts'
import { isRoundDue, publishRound, type FeedAddresses, type PublishingPolicy } from './chainlink.ts'
import { liftBaseFee, setNextBlockTime } from './clock.ts'
import { describe, type Log } from './log.ts'
import type { Asset, Market, Prices } from './market.ts'
import { alignPools, type Pools } from './pools.ts'

/** A chain that the market reaches, and what is remembered of its feeds' last rounds. */
export interface TradedChain {
  chain: LocalChain
  /** Absent until they are seeded. */
  pools?: Pools
  lastRounds: Record<keyof FeedAddresses, { answer: bigint; updatedAt: number }>
}

const feedAssets: Readonly<Record<keyof FeedAddresses, Asset>> = { ethUsd: 'ETH', usdcUsd: 'USDC' }
const feedNames = Object.keys(feedAssets) as (keyof FeedAddresses)[]

/** Publishes the rounds that are due and lets the arbitrageur trade, all at once; resolves when mined. */
export async function trade(
  traded: TradedChain,
  prices: Prices,
  options: { seconds: number; policy: PublishingPolicy; tolerance: 'fee' | 'none' },
): Promise<void> {
  const { chain, pools, lastRounds } = traded
  await liftBaseFee(chain.client)
  const rounds = feedNames.map(async (feed) => {
    const round = { answer: prices[feedAssets[feed]], updatedAt: options.seconds }
    if (!isRoundDue(lastRounds[feed], { answer: round.answer, seconds: options.seconds }, options.policy)) return
    await chain.sender('market').send(publishRound(chain.feeds[feed], round.answer))
    lastRounds[feed] = round
  })
  const trades = pools ? alignPools(chain, pools, prices, options.tolerance) : []
  const outcomes = await Promise.allSettled([...rounds, chain.sender('arbitrageur').sendAll(await trades)])
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure) throw failure.reason
}

/** Leads all chains from the past to the present in the same steps, with a round and a trade at each. */
export async function catchUp(
  chains: readonly TradedChain[],
  market: Market,
  options: { stepSeconds: number; policy: PublishingPolicy; now: () => number },
): Promise<void> {
  const heads = await Promise.all(chains.map(({ chain }) => chain.client.getBlock()))
  let seconds = Math.max(...heads.map(({ timestamp }) => Number(timestamp)))
  while (options.now() - seconds > 0) {
    const step = Math.min(options.stepSeconds, options.now() - seconds)
    seconds += step
    const prices = market.advance(step)
    const steps = chains.map(async (traded) => {
      await setNextBlockTime(traded.chain.client, seconds)
      await trade(traded, prices, { seconds, policy: options.policy, tolerance: 'none' })
    })
    await Promise.all(steps)
  }
}

export interface LiveMarket {
  stop(): Promise<void>
}

/** Runs the market by the clock: a tick every few seconds, on all chains with the same prices. */
export function runMarket(
  chains: readonly TradedChain[],
  market: Market,
  options: { tickSeconds: number; policy: PublishingPolicy; now: () => number; log: Log },
): LiveMarket {
  const { tickSeconds, policy, now, log } = options
  const busy = new Map<TradedChain, Promise<void>>()
  const timer = setInterval(tick, tickSeconds * 1_000)
  tick()
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(busy.values())
    },
  }

  function tick(): void {
    const prices = market.advance(tickSeconds)
    for (const traded of chains) {
      if (busy.has(traded)) continue // Its last tick is not mined yet; the next one brings the newest price.
      const { name } = traded.chain
      const ticking = trade(traded, prices, { seconds: now(), policy, tolerance: 'fee' })
        .catch((error: unknown) => log({ component: 'market', event: 'retry', chain: name, error: describe(error) }))
        .finally(() => busy.delete(traded))
      busy.set(traded, ticking)
    }
  }
}
