import { uniswapV3FactoryAbi, type Deployment } from '@mati/sdk'
import { zeroAddress, type Address, type PublicClient } from 'viem'
import type { Pool } from './paths.ts'

/** The fees that Uniswap's factory knows, in hundredths of a basis point. */
const FEES = [100, 500, 3_000, 10_000]

/** How long an answer holds: pools are added now and then, and never removed. */
const FRESH_MS = 60_000

export type Pools = () => Promise<readonly Pool[]>

/** The pools between the deployment's tokens; asked of the factory once a minute at most. */
export function createPools(client: PublicClient, deployment: Deployment, clock: () => number): Pools {
  let known: { at: number; pools: Promise<readonly Pool[]> } | undefined
  return () => {
    if (known && clock() - known.at < FRESH_MS) return known.pools
    const pools = readPools(client, deployment)
    known = { at: clock(), pools }
    // A failed answer is not worth keeping.
    pools.catch(() => (known = undefined))
    return pools
  }
}

async function readPools(client: PublicClient, deployment: Deployment): Promise<readonly Pool[]> {
  const candidates = pairs(deployment).flatMap(([tokenA, tokenB]) => FEES.map((fee) => ({ tokenA, tokenB, fee })))
  const addresses = await Promise.all(
    candidates.map(({ tokenA, tokenB, fee }) =>
      client.readContract({
        abi: uniswapV3FactoryAbi,
        address: deployment.external.uniswap.factory,
        functionName: 'getPool',
        args: [tokenA, tokenB, fee],
      }),
    ),
  )
  return candidates.filter((_, position) => addresses[position] !== zeroAddress)
}

function pairs({ tokens, contracts, external }: Deployment): [Address, Address][] {
  const all = new Set([...tokens.map((token) => token.address), contracts.token, external.wrappedNative])
  const list = [...all]
  return list.flatMap((tokenA, position) =>
    list.slice(position + 1).map((tokenB): [Address, Address] => [tokenA, tokenB]),
  )
}
