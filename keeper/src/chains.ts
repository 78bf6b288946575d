import type { Deployment } from '@mati/sdk'
import {
  createPublicClient,
  defineChain,
  http,
  type Address,
  type Chain as ViemChain,
  type HttpTransport,
  type PublicClient,
} from 'viem'
import type { Pools } from './routes/pools.ts'
import type { Sender } from './transactions/sender.ts'

export type ChainClient = PublicClient<HttpTransport, ViemChain>

/** All that a job needs to act on one chain. */
export type Chain = {
  deployment: Deployment
  client: ChainClient
  /** Who sends, and earns the tips. */
  signer: Address
  sender: Sender
  pools: Pools
}

/** A client that puts questions asked at the same moment into one request. */
export function createChainClient({ chainId, name }: Deployment, rpcUrl: string): ChainClient {
  const chain = defineChain({
    id: chainId,
    name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })
  // No cache: a keeper decides on what is true now.
  return createPublicClient({ chain, transport: http(rpcUrl, { batch: true }), cacheTime: 0 })
}

/** The chain's own time: Unix seconds of its latest block. */
export async function readTime(client: ChainClient): Promise<number> {
  const { timestamp } = await client.getBlock()
  return Number(timestamp)
}
