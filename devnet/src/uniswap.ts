import { zeroAddress, type Address } from 'viem'
import { npmArtifact } from './artifacts.ts'
import type { Batch } from './sender.ts'

const core = '@uniswap/v3-core/artifacts/contracts'
const periphery = '@uniswap/v3-periphery/artifacts/contracts'

/** Uniswap v3's own contracts, as their authors compiled them. */
export const uniswap = {
  factory: npmArtifact(`${core}/UniswapV3Factory.sol/UniswapV3Factory.json`),
  pool: npmArtifact(`${core}/UniswapV3Pool.sol/UniswapV3Pool.json`),
  positionManager: npmArtifact(`${periphery}/NonfungiblePositionManager.sol/NonfungiblePositionManager.json`),
  swapRouter: npmArtifact(`${periphery}/SwapRouter.sol/SwapRouter.json`),
  quoter: npmArtifact(`${periphery}/lens/QuoterV2.sol/QuoterV2.json`),
}

export interface UniswapAddresses {
  factory: Address
  positionManager: Address
  swapRouter: Address
  quoter: Address
}

/**
 * Deploys Uniswap v3. Positions have no descriptor, so `tokenURI` (a picture of the position) is the one function
 * that does not work here.
 */
export function deployUniswap(batch: Batch, wrappedNative: Address): UniswapAddresses {
  const factory = batch.deploy(uniswap.factory)
  return {
    factory,
    positionManager: batch.deploy(uniswap.positionManager, [factory, wrappedNative, zeroAddress]),
    swapRouter: batch.deploy(uniswap.swapRouter, [factory, wrappedNative]),
    quoter: batch.deploy(uniswap.quoter, [factory, wrappedNative]),
  }
}
