import {
  createPublicClient,
  defineChain,
  http,
  type Abi,
  type Address,
  type Chain,
  type HttpTransport,
  type PublicClient,
} from 'viem'

export type ChainClient = PublicClient<HttpTransport, Chain>

/** Connects to a local chain. Calls of one moment travel in one HTTP request. */
export function connect(chain: { name: string; chainId: number; rpcUrl: string; wsUrl: string }): ChainClient {
  return createPublicClient({
    chain: defineChain({
      id: chain.chainId,
      name: chain.name,
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [chain.rpcUrl], webSocket: [chain.wsUrl] } },
      testnet: true,
    }),
    transport: http(chain.rpcUrl, { batch: true, retryCount: 1, timeout: 40_000 }),
    pollingInterval: 100,
    cacheTime: 0,
  })
}

/**
 * Reads a contract whose ABI comes from a JSON file, so that TypeScript cannot know the type of the result:
 * the caller names it, next to the Solidity signature.
 */
export async function read<Result>(
  client: ChainClient,
  { abi }: { abi: Abi },
  address: Address,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<Result> {
  return (await client.readContract({ abi, address, functionName, args })) as Result
}

/** Calls one of anvil's own methods. */
export async function control(client: ChainClient, method: string, ...params: readonly unknown[]): Promise<unknown> {
  const request = client.request as (args: { method: string; params: readonly unknown[] }) => Promise<unknown>
  return request({ method, params })
}
