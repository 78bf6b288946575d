import { type Address, decodeEventLog, type Hash, isAddressEqual, type TransactionReceipt } from 'viem'
import type { Deployment } from '../deployment.ts'
import { MatiError } from '../errors.ts'
import { nonfungiblePositionManagerAbi } from '../generated/index.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'
import { getPool } from './getPool.ts'
import { nearestUsableTick, Percent, type Pool, Position, TickMath } from './uniswap.ts'

export type AddPositionParameters = {
  deployment: Deployment
  /** What to put in at most, in each token's smallest units; the pool's price decides how much of each goes in. */
  amounts: readonly [{ token: Address; amount: bigint }, { token: Address; amount: bigint }]
  /** The pool's fee in millionths (500, 3000, 10000). */
  feePips: number
  /** How far from today's price the position earns, in basis points to either side; the whole range by default. */
  rangeBps?: number
  /** How far the price may move until it is mined, in basis points. */
  slippageBps: number
  /** Last second at which it may be mined, Unix seconds. Signed by the caller, so no default. */
  deadline: number
  /** Who owns the position; the caller by default. */
  recipient?: Address
}

/**
 * Adds a Uniswap v3 position through the genuine NonfungiblePositionManager. Both tokens must be approved for it.
 * @returns The transaction's hash; `positionAdded(receipt, deployment)` reads the position's id from its receipt.
 * @throws RevertError such as "Price slippage check" or "Transaction too old"; MatiError `POOL_UNKNOWN`,
 * `POSITION_EMPTY`.
 * @example
 * const hash = await addPosition(client, { deployment, amounts, feePips: 3000, rangeBps: 1000, slippageBps: 50, deadline })
 */
export async function addPosition(client: SendingClient, parameters: AddPositionParameters): Promise<Hash> {
  const { deployment, amounts, feePips, rangeBps, slippageBps, deadline } = parameters
  requireSameChain(client, deployment)
  const { pool } = await getPool(client, { deployment, tokens: [amounts[0].token, amounts[1].token], feePips })
  const position = planPosition(pool, amounts, rangeBps)
  const desired = position.mintAmounts
  const least = position.mintAmountsWithSlippage(new Percent(slippageBps, 10_000))
  const mint = {
    token0: pool.token0.address as Address,
    token1: pool.token1.address as Address,
    fee: feePips,
    tickLower: position.tickLower,
    tickUpper: position.tickUpper,
    amount0Desired: BigInt(desired.amount0.toString()),
    amount1Desired: BigInt(desired.amount1.toString()),
    amount0Min: BigInt(least.amount0.toString()),
    amount1Min: BigInt(least.amount1.toString()),
    recipient: parameters.recipient ?? client.account.address,
    deadline: BigInt(deadline),
  }
  return sendCall(client, {
    address: deployment.external.uniswap.positionManager,
    abi: nonfungiblePositionManagerAbi,
    functionName: 'mint',
    args: [mint],
  })
}

/** The largest position in a range around the pool's price that the amounts suffice for. Pure. */
export function planPosition(pool: Pool, amounts: AddPositionParameters['amounts'], rangeBps?: number): Position {
  const of = (token: string) => amounts.find((entry) => isAddressEqual(entry.token, token as Address))?.amount ?? 0n
  const position = Position.fromAmounts({
    pool,
    ...ticksAround(pool, rangeBps),
    amount0: of(pool.token0.address).toString(),
    amount1: of(pool.token1.address).toString(),
    useFullPrecision: true,
  })
  if (position.liquidity.toString() !== '0') return position
  const action = 'Offer more of both tokens, or choose another range.'
  throw new MatiError('The amounts suffice for no position', { code: 'POSITION_EMPTY', action })
}

function ticksAround(pool: Pool, rangeBps: number | undefined): { tickLower: number; tickUpper: number } {
  const { tickSpacing } = pool
  // A tick is a factor of 1.0001 in price. The current one always lies strictly inside.
  const width = rangeBps === undefined ? Infinity : Math.log(1 + rangeBps / 10_000) / Math.log(1.0001)
  const usable = (tick: number) =>
    nearestUsableTick(Math.min(TickMath.MAX_TICK, Math.max(TickMath.MIN_TICK, Math.round(tick))), tickSpacing)
  return {
    tickLower: Math.min(usable(pool.tickCurrent - width), usable(pool.tickCurrent) - tickSpacing),
    tickUpper: Math.max(usable(pool.tickCurrent + width), usable(pool.tickCurrent) + tickSpacing),
  }
}

export type PositionAdded = { id: bigint; liquidity: bigint; amount0: bigint; amount1: bigint }

/** What `addPosition` came to, read from its receipt. Pure. */
export function positionAdded(receipt: TransactionReceipt, deployment: Deployment): PositionAdded {
  const { positionManager } = deployment.external.uniswap
  for (const log of receipt.logs.filter(({ address }) => isAddressEqual(address, positionManager))) {
    const event = decodeEventLog({ abi: nonfungiblePositionManagerAbi, data: log.data, topics: log.topics })
    if (event.eventName !== 'IncreaseLiquidity') continue
    const { tokenId, ...added } = event.args
    return { id: tokenId, ...added }
  }
  const action = 'Pass the receipt of addPosition.'
  throw new MatiError(`Transaction ${receipt.transactionHash} added no position`, { code: 'NO_POSITION', action })
}
