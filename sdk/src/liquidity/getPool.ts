import { type Address, erc20Abi, zeroAddress } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { MatiError } from '../errors.ts'
import { uniswapV3FactoryAbi, uniswapV3PoolAbi } from '../generated/index.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'
import { Pool, Token } from './uniswap.ts'

export type GetPoolParameters = {
  deployment: Deployment
  /** Both tokens, in any order. */
  tokens: readonly [Address, Address]
  /** The pool's fee in millionths (500, 3000, 10000). */
  feePips: number
}

/**
 * A Uniswap v3 pool as it is now, as Uniswap's SDK knows pools.
 * @throws MatiError `POOL_UNKNOWN`.
 * @example const { pool, address } = await getPool(client, { deployment, tokens: [weth, mati], feePips: 3000 })
 */
export async function getPool(
  client: ReadingClient,
  { deployment, tokens, feePips }: GetPoolParameters,
): Promise<{ pool: Pool; address: Address }> {
  requireSameChain(client, deployment)
  const address = await readContract(client, {
    address: deployment.external.uniswap.factory,
    abi: uniswapV3FactoryAbi,
    functionName: 'getPool',
    args: [...tokens, feePips],
  }).catch(throwDecoded)
  if (address === zeroAddress) {
    const action = 'Use another fee, or create the pool first.'
    throw new MatiError(`There is no pool of ${tokens.join(' and ')} with a fee of ${feePips} millionths`, {
      code: 'POOL_UNKNOWN',
      action,
    })
  }
  const contract = { address, abi: uniswapV3PoolAbi } as const
  const [[sqrtPrice, tick], liquidity, ...decimals] = await Promise.all([
    readContract(client, { ...contract, functionName: 'slot0' }),
    readContract(client, { ...contract, functionName: 'liquidity' }),
    ...tokens.map((token) => readContract(client, { address: token, abi: erc20Abi, functionName: 'decimals' })),
  ]).catch(throwDecoded)
  const [a, b] = tokens.map((token, i) => new Token(deployment.chainId, token, decimals[i] ?? 18))
  if (!a || !b) throw new TypeError('A pool has two tokens')
  return { address, pool: new Pool(a, b, feePips, sqrtPrice.toString(), liquidity.toString(), tick) }
}
