import { encodePath } from '@mati/sdk'
import type { Address, Hex } from 'viem'

/** A Uniswap v3 pool: a pair and a fee in hundredths of a basis point. */
export type Pool = { tokenA: Address; tokenB: Address; fee: number }

/** All ways from one token to another over one pool, or over two by way of a third token; packed. Pure. */
export function findPaths(pools: readonly Pool[], tokenIn: Address, tokenOut: Address): Hex[] {
  const direct = pools
    .filter((pool) => otherSide(pool, tokenIn) && isSame(otherSide(pool, tokenIn), tokenOut))
    .map((pool) => encodePath([tokenIn, tokenOut], [pool.fee]))
  const byWay = pools.flatMap((first) => {
    const middle = otherSide(first, tokenIn)
    if (!middle || isSame(middle, tokenOut)) return []
    return pools
      .filter((second) => isSame(otherSide(second, middle), tokenOut))
      .map((second) => encodePath([tokenIn, middle, tokenOut], [first.fee, second.fee]))
  })
  return [...direct, ...byWay]
}

function otherSide(pool: Pool, token: Address): Address | undefined {
  if (isSame(pool.tokenA, token)) return pool.tokenB
  return isSame(pool.tokenB, token) ? pool.tokenA : undefined
}

function isSame(a: Address | undefined, b: Address): boolean {
  return a?.toLowerCase() === b.toLowerCase()
}
