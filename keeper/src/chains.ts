import { type Deployment, matiEscrowAbi, matiGatewayAbi, matiTokenAbi } from '@mati/sdk'
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
  /** With so much gas before it, a call of the escrow's batches that failed did so for a reason of its own. */
  callGas: () => Promise<bigint>
  /** The token's units in one unit of its shared decimals. */
  unitsPerShared: () => Promise<bigint>
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

/** What contracts say of themselves in constants of their code: each is asked once. */
export function createConstants(
  client: PublicClient,
  { contracts }: Deployment,
): Pick<Chain, 'maxPayouts' | 'callGas' | 'unitsPerShared'> {
  const [escrow, gateway, token] = [
    { abi: matiEscrowAbi, address: contracts.escrow },
    { abi: matiGatewayAbi, address: contracts.gateway },
    { abi: matiTokenAbi, address: contracts.token },
  ]
  return {
    maxPayouts: once(() => client.readContract({ ...gateway, functionName: 'MAX_PAYOUTS' }).then(Number)),
    callGas: once(() => client.readContract({ ...escrow, functionName: 'CALL_GAS' })),
    unitsPerShared: once(() => client.readContract({ ...token, functionName: 'decimalConversionRate' })),
  }
}

/** Asks until there is an answer, which is kept. */
function once<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let known: Promise<Answer> | undefined
  return () => {
    if (known) return known
    const answer = ask()
    known = answer
    answer.catch(() => (known = undefined))
    return answer
  }
}

/** A chain's latest block; its time, in Unix seconds, is the chain's own. */
export type Head = { number: bigint; timestamp: number }

export async function readHead(client: ChainClient): Promise<Head> {
  const { number, timestamp } = await client.getBlock()
  return { number, timestamp: Number(timestamp) }
}
