import { erc20Abi, maxUint256, type Address } from 'viem'
import type { LocalChain } from './chain.ts'
import { read } from './client.ts'
import type { Asset, Prices } from './market.ts'
import { planAlignment, rangeAround, sqrtPriceX96, unitsWorth, type PricedToken } from './price.ts'
import { contractCall, type Call } from './sender.ts'
import { uniswap } from './uniswap.ts'

export type PoolName = 'matiWeth' | 'matiUsdc' | 'wethUsdc'

/** A pool's two assets and its fee in millionths. */
const poolSpecs: Readonly<Record<PoolName, { pair: readonly [Asset, Asset]; feePips: number; tickSpacing: number }>> = {
  matiWeth: { pair: ['MATI', 'ETH'], feePips: 3_000, tickSpacing: 60 },
  matiUsdc: { pair: ['MATI', 'USDC'], feePips: 3_000, tickSpacing: 60 },
  wethUsdc: { pair: ['ETH', 'USDC'], feePips: 500, tickSpacing: 10 },
}
export const poolNames = Object.keys(poolSpecs) as PoolName[]

const decimals: Readonly<Record<Asset, number>> = { ETH: 18, USDC: 6, MATI: 18 }

/**
 * Observations that a pool keeps. A TWAP over 30 minutes that is compared with the one an hour earlier looks back
 * 90 minutes, and the arbitrageur writes at most one observation per pool and market tick (5 s): 1,080, and some of
 * others' trades. Grown in two steps, each within one block's gas (22,100 per slot).
 */
const observations = [600, 1_200]

/** USD in one pool, half on each side, between half and double the price: as deep as 6.8 million over the full range. */
const poolUsd = 2_000_000
/** USD of each asset with which the arbitrageur starts. */
const arbitrageurUsd = 100_000
/** USD the arbitrageur sells at once at most. */
const largestTradeUsd = 50_000

export interface Pool {
  name: PoolName
  address: Address
  feePips: number
  token0: { address: Address; asset: Asset }
  token1: { address: Address; asset: Asset }
}

/** The pools of one chain, in the order of `poolNames`. */
export type Pools = Readonly<Record<PoolName, Pool>>

/** How much the liquidity provider must own on a chain before `seedPools` (smallest units). */
export function matiForPools(prices: Prices): bigint {
  const mati = priced('MATI', prices)
  return 2n * unitsWorth(poolUsd / 2, mati) + unitsWorth(arbitrageurUsd, mati)
}

/** Creates the three pools at the market's price, without liquidity; those that exist are left as they are. */
export async function createPools(chain: LocalChain, mati: Address, prices: Prices): Promise<Pools> {
  const { positionManager } = chain.external.uniswap
  const calls = poolNames.map((name) => {
    const { token0, token1, feePips } = sortTokens(chain, mati, name)
    const price = sqrtPriceX96(priced(token0.asset, prices), priced(token1.asset, prices))
    const args = [token0.address, token1.address, feePips, price]
    const method = 'createAndInitializePoolIfNecessary'
    return contractCall(uniswap.positionManager, positionManager, method, args, { gas: 6_000_000n })
  })
  await chain.sender('lp').sendAll(calls)

  const entries = poolNames.map(async (name) => {
    const pool = sortTokens(chain, mati, name)
    const args = [pool.token0.address, pool.token1.address, pool.feePips]
    const { factory } = chain.external.uniswap
    const address = await read<Address>(chain.client, uniswap.factory, factory, 'getPool', args)
    return [name, { ...pool, address }]
  })
  return Object.fromEntries(await Promise.all(entries)) as Pools
}

/** Fills the pools as the liquidity provider, lets them keep observations, and equips the arbitrageur. */
export async function fillPools(chain: LocalChain, mati: Address, pools: Pools, prices: Prices): Promise<void> {
  const { external, tokens } = chain
  const [lp, arbitrageur] = [chain.sender('lp'), chain.sender('arbitrageur')]
  const all = Object.values(pools)
  const worth = (usd: number, asset: Asset) => unitsWorth(usd, priced(asset, prices))
  await Promise.all([
    chain.wrap('lp', worth(poolUsd, 'ETH')),
    chain.wrap('arbitrageur', worth(arbitrageurUsd, 'ETH')),
    chain.mintUsdc(lp.address, worth(poolUsd, 'USDC')),
    chain.mintUsdc(arbitrageur.address, worth(arbitrageurUsd, 'USDC')),
  ])

  const approvals = (spender: Address) =>
    [mati, tokens.weth, tokens.usdc].map((token) => contractCall(erc20, token, 'approve', [spender, maxUint256]))
  await Promise.all([
    arbitrageur.sendAll(approvals(external.uniswap.swapRouter)),
    lp.sendAll([
      ...approvals(external.uniswap.positionManager),
      contractCall(erc20, mati, 'transfer', [arbitrageur.address, worth(arbitrageurUsd, 'MATI')]),
      ...all.map((pool) => addLiquidity(chain, pool, prices)),
      ...observations.flatMap((slots) => all.map((pool) => keepObservations(pool, slots))),
    ]),
  ])
}

/**
 * What the arbitrageur sends now to bring each pool to the market's price. `tolerance` says which gaps it leaves:
 * those within the pool's fee, where trading earns nothing, or none at all.
 */
export async function alignPools(
  chain: LocalChain,
  pools: Pools,
  prices: Prices,
  tolerance: 'fee' | 'none',
): Promise<Call[]> {
  const calls = Object.values(pools).map(async (pool) => {
    const { token0, token1, feePips } = pool
    const slot0 = await read<readonly [bigint, ...unknown[]]>(chain.client, uniswap.pool, pool.address, 'slot0')
    const target = sqrtPriceX96(priced(token0.asset, prices), priced(token1.asset, prices))
    const plan = planAlignment({ sqrtPrice: slot0[0], feePips: tolerance === 'fee' ? feePips : 0 }, target)
    if (plan.sell === 'nothing') return []
    const [sold, bought] = plan.sell === 'token0' ? [token0, token1] : [token1, token0]
    const trade = {
      tokenIn: sold.address,
      tokenOut: bought.address,
      fee: feePips,
      recipient: chain.sender('arbitrageur').address,
      deadline: maxUint256,
      amountIn: unitsWorth(largestTradeUsd, priced(sold.asset, prices)),
      amountOutMinimum: 0n, // The limit on the price protects it: the swap ends there, having sold less.
      sqrtPriceLimitX96: plan.limit,
    }
    return [contractCall(uniswap.swapRouter, chain.external.uniswap.swapRouter, 'exactInputSingle', [trade])]
  })
  return (await Promise.all(calls)).flat()
}

const erc20 = { abi: erc20Abi, name: 'ERC20' }

function addLiquidity(chain: LocalChain, { name, token0, token1, feePips }: Pool, prices: Prices): Call {
  const [priced0, priced1] = [priced(token0.asset, prices), priced(token1.asset, prices)]
  const params = {
    token0: token0.address,
    token1: token1.address,
    fee: feePips,
    ...rangeAround(sqrtPriceX96(priced0, priced1), poolSpecs[name].tickSpacing),
    amount0Desired: unitsWorth(poolUsd / 2, priced0),
    amount1Desired: unitsWorth(poolUsd / 2, priced1),
    amount0Min: 0n,
    amount1Min: 0n,
    recipient: chain.sender('lp').address,
    deadline: maxUint256,
  }
  const { positionManager } = chain.external.uniswap
  return contractCall(uniswap.positionManager, positionManager, 'mint', [params], { gas: 1_000_000n })
}

function keepObservations(pool: Pool, slots: number): Call {
  const gas = 15_000_000n
  return contractCall(uniswap.pool, pool.address, 'increaseObservationCardinalityNext', [slots], { gas })
}

function sortTokens(chain: LocalChain, mati: Address, name: PoolName): Omit<Pool, 'address'> {
  const addresses: Record<Asset, Address> = { ETH: chain.tokens.weth, USDC: chain.tokens.usdc, MATI: mati }
  const { pair, feePips } = poolSpecs[name]
  const [a, b] = pair
  const [first, second] = BigInt(addresses[a]) < BigInt(addresses[b]) ? [a, b] : [b, a]
  const token = (asset: Asset) => ({ address: addresses[asset], asset })
  return { name, feePips, token0: token(first), token1: token(second) }
}

function priced(asset: Asset, prices: Prices): PricedToken {
  return { decimals: decimals[asset], priceUsd: prices[asset] }
}
