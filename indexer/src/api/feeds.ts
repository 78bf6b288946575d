/**
 * GET /feeds: the latest round of every token's feed, asked of the chain at that moment. A Chainlink feed is a proxy
 * that emits nothing itself; the rounds that captures and settlements used are in their own events.
 */
import { type Deployment, type FeedView, mockV3AggregatorAbi } from '@mati/sdk'
import { publicClients } from 'ponder:api'
import type { Address } from 'viem'
import { config, lower } from '../config/index.ts'
import { answer, ApiError, createRouter } from './http.ts'

export const feeds = createRouter()

feeds.get('/feeds', async (c) => {
  const wanted = config.chains.flatMap(({ deployment }) =>
    deployment.tokens.flatMap(({ feed }) => (feed ? [{ deployment, feed }] : [])),
  )
  return answer(c, await Promise.all(wanted.map(({ deployment, feed }) => readFeed(deployment, feed))))
})

async function readFeed({ chainId, name }: Deployment, feed: Address): Promise<FeedView> {
  try {
    const [roundId, answered, , updatedAt] = await clientOf(name).readContract({
      address: feed,
      abi: mockV3AggregatorAbi,
      functionName: 'latestRoundData',
    })
    return { chainId, feed: lower(feed), answer: answered.toString(), roundId, updatedAt: Number(updatedAt) }
  } catch (cause) {
    throw new ApiError(502, 'FEED_UNREADABLE', `feed ${feed} of ${name} did not answer`, { cause })
  }
}

function clientOf(name: string) {
  const client = publicClients[name]
  if (!client) throw new Error(`ponder has no client for ${name}`)
  return client
}
