import { type Deployment, matiGatewayAbi } from '@mati/sdk'
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
  /** The most members whose payouts one message to another chain carries. */
  maxPayouts: () => Promise<number>
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

/** Asks the gateway once: the number is a constant of its code. */
export function createMaxPayouts(client: PublicClient, { contracts }: Deployment): Chain['maxPayouts'] {
  let known: Promise<number> | undefined
  return () => {
    if (known) return known
    const gateway = { abi: matiGatewayAbi, address: contracts.gateway }
    const answer = client.readContract({ ...gateway, functionName: 'MAX_PAYOUTS' }).then(Number)
    known = answer
    // A failed answer is not worth keeping.
    answer.catch(() => (known = undefined))
    return answer
  }
}

/** The chain's own time: Unix seconds of its latest block. */
export async function readTime(client: ChainClient): Promise<number> {
  const { timestamp } = await client.getBlock()
  return Number(timestamp)
}
