/** Uniswap v3 paths, as routers and `UniswapV3Solver` take them. */
import { type Address, concat, type Hex, numberToHex } from 'viem'

/**
 * Packs a path: token, fee, token, fee, …, token.
 * @param fees The fee of each pool on the way, in hundredths of a basis point (500, 3000, 10000).
 * @example encodePath([weth, mati, usdc], [3000, 500])
 */
export function encodePath(tokens: readonly Address[], fees: readonly number[]): Hex {
  if (tokens.length < 2 || fees.length !== tokens.length - 1) {
    throw new RangeError(`A path of ${tokens.length} tokens has ${tokens.length - 1} fees, not ${fees.length}`)
  }
  const [first, ...rest] = tokens
  return concat([first, ...fees.flatMap((fee, i) => [numberToHex(fee, { size: 3 }), rest[i]])] as Hex[])
}
