/** Why a delivery failed, in one line. */
import { decodeRevert, describeRevert } from '@mati/sdk'
import type { Hex } from 'viem'

/**
 * @param reason The revert data; `0x` is what running out of gas leaves.
 * @param gas The gas that the attempt was given, where that is known.
 */
export function describeFailure(reason: Hex, gas?: bigint): string {
  const decoded = decodeRevert(reason)
  if (decoded) return describeRevert(decoded)
  if (reason !== '0x') return reason
  return gas === undefined ? 'no reason given' : `no reason given, probably out of ${gas} gas`
}
