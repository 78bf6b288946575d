/** Why an attempt to deliver failed: its reason decoded from every ABI that Mati touches. Pure. */
import { decodeRevert, describeRevert, type MessageFailure, type Revert } from '@mati/sdk'
import type { Hex } from 'viem'

/** Errors by which contracts that measure the gas they were given refuse too little of it. */
const SHORT_OF_GAS = /_InsufficientGas$/

export type Reason = Pick<MessageFailure, 'name' | 'args' | 'message' | 'data' | 'gas' | 'isOutOfGas'>

/**
 * @param data The revert data; `0x` is what running out of gas leaves.
 * @param gas The gas that the attempt was given; null where that is not known.
 */
export function decodeReason(data: Hex, gas: bigint | null): Reason {
  const revert = decodeRevert(data)
  if (revert) {
    const args = Object.fromEntries(Object.entries(revert.args).map(([name, value]) => [name, textOf(value)]))
    return { name: revert.name, args, message: describeRevert(revert), data, gas, isOutOfGas: isShortOfGas(revert) }
  }
  const none = gas === null ? 'no reason given' : `no reason given, probably out of ${gas} gas`
  const isOutOfGas = data === '0x' && gas !== null
  return { name: null, args: {}, message: data === '0x' ? none : data, data, gas, isOutOfGas }
}

function isShortOfGas({ name, reasons }: Revert): boolean {
  return SHORT_OF_GAS.test(name) || reasons.some(isShortOfGas)
}

/** Structs and arrays as JSON, all else as it is written. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
}
