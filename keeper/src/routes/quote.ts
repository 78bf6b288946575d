import { quoterV2Abi } from '@mati/sdk'
import type { Address, Hex } from 'viem'
import type { Chain } from '../chains.ts'
import { findPaths } from './paths.ts'

export type Swap = { tokenIn: Address; tokenOut: Address; amountIn: bigint }
export type Quote = { path: Hex; amountOut: bigint }

/** The path that gives most for the whole amount now, by Uniswap's own quoter; undefined if none gives anything. */
export async function findBestRoute(chain: Chain, { tokenIn, tokenOut, amountIn }: Swap): Promise<Quote | undefined> {
  const paths = findPaths(await chain.pools(), tokenIn, tokenOut)
  const quotes = await Promise.all(paths.map((path) => quote(chain, path, amountIn)))
  return quotes
    .filter((quoted) => quoted !== undefined)
    .reduce<Quote | undefined>((best, next) => (best && best.amountOut >= next.amountOut ? best : next), undefined)
}

async function quote(chain: Chain, path: Hex, amountIn: bigint): Promise<Quote | undefined> {
  try {
    const { result } = await chain.client.simulateContract({
      abi: quoterV2Abi,
      address: chain.deployment.external.uniswap.quoter,
      functionName: 'quoteExactInput',
      args: [path, amountIn],
    })
    return { path, amountOut: result[0] }
  } catch {
    // A pool without liquidity, or with too little: this path is none. If the node is away, all are, and we wait.
    return undefined
  }
}
