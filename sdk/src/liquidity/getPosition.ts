import { type Address, maxUint128 } from 'viem'
import { readContract, simulateContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { nonfungiblePositionManagerAbi } from '../generated/index.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'
import { getPool } from './getPool.ts'
import { Position } from './uniswap.ts'

export type LiquidityPosition = {
  owner: Address
  token0: Address
  token1: Address
  feePips: number
  tickLower: number
  tickUpper: number
  liquidity: bigint
  /** Whether the pool's price is in the position's range: only then it earns. */
  isInRange: boolean
  /** What withdrawing it would bring now, in each token's smallest units, without what it earned. */
  amount0: bigint
  amount1: bigint
  /** What it earned and was not collected yet. */
  fees: { amount0: bigint; amount1: bigint }
}

/**
 * A Uniswap v3 position: what it is made of, what it is worth in tokens, and what it earned.
 * @throws RevertError "Invalid token ID".
 * @example const { fees } = await getPosition(client, { deployment, id })
 */
export async function getPosition(
  client: ReadingClient,
  { deployment, id }: { deployment: Deployment; id: bigint },
): Promise<LiquidityPosition> {
  requireSameChain(client, deployment)
  const manager = {
    address: deployment.external.uniswap.positionManager,
    abi: nonfungiblePositionManagerAbi,
  } as const
  const [owner, [, , token0, token1, feePips, tickLower, tickUpper, liquidity]] = await Promise.all([
    readContract(client, { ...manager, functionName: 'ownerOf', args: [id] }),
    readContract(client, { ...manager, functionName: 'positions', args: [id] }),
  ]).catch(throwDecoded)
  const { pool } = await getPool(client, { deployment, tokens: [token0, token1], feePips })
  // The position's own counters are as of its last change; only collecting brings them up to date, so we ask what
  // collecting would bring.
  const collect = { tokenId: id, recipient: owner, amount0Max: maxUint128, amount1Max: maxUint128 }
  const { result } = await simulateContract(client, {
    ...manager,
    functionName: 'collect',
    args: [collect],
    account: owner,
  }).catch(throwDecoded)
  const position = new Position({ pool, liquidity: liquidity.toString(), tickLower, tickUpper })
  return {
    owner,
    token0,
    token1,
    feePips,
    tickLower,
    tickUpper,
    liquidity,
    isInRange: tickLower <= pool.tickCurrent && pool.tickCurrent < tickUpper,
    amount0: BigInt(position.amount0.quotient.toString()),
    amount1: BigInt(position.amount1.quotient.toString()),
    fees: { amount0: result[0], amount1: result[1] },
  }
}
