/** LayerZero v2 packets (version 1) and the OFT messages in them, as the endpoint emits them. */
import { encodePacked, type Hex, hexToBigInt, hexToNumber, keccak256, size, slice } from 'viem'

/** What identifies a message: the `nonce`th from sender to receiver. */
export interface Pathway {
  nonce: bigint
  srcEid: number
  /** 32 bytes: addresses are padded on the left. */
  sender: Hex
  dstEid: number
  receiver: Hex
}

export interface Packet extends Pathway {
  guid: Hex
  message: Hex
}

const HEADER_BYTES = 81
const MESSAGE_OFFSET = 113

/** Decodes a packet; null if it is too short or of another version: anybody's packets pass the endpoint. */
export function decodePacket(encoded: Hex): Packet | null {
  if (size(encoded) < MESSAGE_OFFSET || hexToNumber(slice(encoded, 0, 1)) !== 1) return null
  return {
    nonce: hexToBigInt(slice(encoded, 1, 9)),
    srcEid: hexToNumber(slice(encoded, 9, 13)),
    sender: slice(encoded, 13, 45),
    dstEid: hexToNumber(slice(encoded, 45, 49)),
    receiver: slice(encoded, 49, HEADER_BYTES),
    guid: slice(encoded, HEADER_BYTES, MESSAGE_OFFSET),
    message: size(encoded) > MESSAGE_OFFSET ? slice(encoded, MESSAGE_OFFSET) : '0x',
  }
}

/** The guid that LayerZero gives a message: both ends can compute it, so each chain's events can be indexed alone. */
export function guidOf({ nonce, srcEid, sender, dstEid, receiver }: Pathway): Hex {
  return keccak256(
    encodePacked(['uint64', 'uint32', 'bytes32', 'uint32', 'bytes32'], [nonce, srcEid, sender, dstEid, receiver]),
  )
}

/** Units of the token (18 decimals) in one unit of what OFT messages carry (6 shared decimals). */
const UNITS_PER_SHARED = 10n ** 12n

/** The amount an OFT message carries, in units of the token; null if it is none. */
export function decodeOftAmount(message: Hex): bigint | null {
  if (size(message) < 40) return null
  return hexToBigInt(slice(message, 32, 40)) * UNITS_PER_SHARED
}
