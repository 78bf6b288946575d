import { type Hex, hexToBigInt, size, slice } from 'viem'
import { receiveOptions } from '../pathway.ts'

/**
 * The gas that options ask the executor for in `lzReceive`; 0 if they ask for nothing, null if they ask for anything
 * else, which our wiring never does.
 */
export function sendGasIn(options: Hex): bigint | null {
  if (options === '0x' || options === '0x0003') return 0n
  if (size(options) !== size(receiveOptions(0))) return null
  const gas = hexToBigInt(slice(options, -16))
  return gas <= Number.MAX_SAFE_INTEGER && receiveOptions(Number(gas)) === options ? gas : null
}
