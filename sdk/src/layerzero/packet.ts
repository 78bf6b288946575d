/**
 * LayerZero v2's packet of version 1, byte by byte, and the OFT message in it. Pure.
 *
 * ```
 * header (81):    version (1) · nonce (8) · source eid (4) · sender (32) · destination eid (4) · receiver (32)
 * payload:        guid (32) · message
 * OFT message:    recipient (32) · amount in shared decimals (8) · for the recipient's `lzCompose`, if anything:
 *                 who sent it (32) · what it says
 * ```
 *
 * As in LayerZero's `PacketV1Codec`, `OFTMsgCodec` and `OFTComposeMsgCodec`.
 */
import {
  type Address,
  concat,
  encodePacked,
  getAddress,
  type Hex,
  hexToBigInt,
  hexToNumber,
  keccak256,
  numberToHex,
  size,
  slice,
} from 'viem'

const VERSION = 1
const HEADER_SIZE = 81
const MESSAGE_OFFSET = 113
/** What an OFT message has at least; more is composed. */
const TRANSFER_SIZE = 40

/** What identifies a message: the `nonce`th from sender to receiver. */
export type Pathway = {
  nonce: bigint
  srcEid: number
  /** 32 bytes: not every chain's addresses have 20, which are padded on the left. */
  sender: Hex
  dstEid: number
  /** 32 bytes; `toAddress` gives the contract on an EVM chain. */
  receiver: Hex
}

export type Packet = Pathway & {
  guid: Hex
  /** `0x` if there is none. */
  message: Hex
  /** What DVNs attest, with `payloadHash`. */
  header: Hex
  /** Of guid and message. */
  payloadHash: Hex
}

/**
 * Decodes a packet; hex digits keep their case.
 * @param encoded As the source endpoint's `PacketSent` holds it.
 * @returns null if it is cut off or of another version: anybody's packets pass the endpoint.
 */
export function decodePacket(encoded: Hex): Packet | null {
  if (size(encoded) < MESSAGE_OFFSET || hexToNumber(slice(encoded, 0, 1)) !== VERSION) return null
  return {
    nonce: hexToBigInt(slice(encoded, 1, 9)),
    srcEid: hexToNumber(slice(encoded, 9, 13)),
    sender: slice(encoded, 13, 45),
    dstEid: hexToNumber(slice(encoded, 45, 49)),
    receiver: slice(encoded, 49, HEADER_SIZE),
    guid: slice(encoded, HEADER_SIZE, MESSAGE_OFFSET),
    message: size(encoded) > MESSAGE_OFFSET ? slice(encoded, MESSAGE_OFFSET) : '0x',
    header: slice(encoded, 0, HEADER_SIZE),
    payloadHash: keccak256(slice(encoded, HEADER_SIZE)),
  }
}

/** A packet's header; guid and message follow it. */
export function encodeHeader({ nonce, srcEid, sender, dstEid, receiver }: Pathway): Hex {
  return encodePacked(
    ['uint8', 'uint64', 'uint32', 'bytes32', 'uint32', 'bytes32'],
    [VERSION, nonce, srcEid, sender, dstEid, receiver],
  )
}

/** The guid that LayerZero gives a message: both ends can compute it, so each chain's events can be read alone. */
export function guidOf(pathway: Pathway): Hex {
  return keccak256(slice(encodeHeader(pathway), 1))
}

/** The EVM address in 32 bytes, as a receiver or an OFT message's recipient is written. */
export function toAddress(bytes32: Hex): Address {
  return getAddress(slice(bytes32, 12, 32))
}

/**
 * The amount that an OFT message carries, in the token's units; null if it is no OFT message.
 * @param unitsPerShared The token's units in one unit of its shared decimals: its `decimalConversionRate`.
 */
export function decodeOftAmount(message: Hex, unitsPerShared: bigint): bigint | null {
  if (size(message) < TRANSFER_SIZE) return null
  return hexToBigInt(slice(message, 32, TRANSFER_SIZE)) * unitsPerShared
}

/** Whom an OFT message brings its amount, as the token reads it: the low 20 bytes of its first word. */
export function recipientOf(message: Hex): Address {
  return toAddress(slice(message, 0, 32))
}

/** Whether something is to be done with an OFT's transfer once it has arrived. */
export function hasCompose(message: Hex): boolean {
  return size(message) > TRANSFER_SIZE
}

/**
 * The call that an OFT's transfer queues at the endpoint when it arrives: fully determined by the packet.
 * @param packet One whose message `hasCompose`.
 * @param unitsPerShared The token's units in one unit of its shared decimals: its `decimalConversionRate`.
 */
export function composeOf({ nonce, srcEid, message }: Packet, unitsPerShared: bigint): { to: Address; message: Hex } {
  const amount = hexToBigInt(slice(message, 32, TRANSFER_SIZE)) * unitsPerShared
  return {
    to: recipientOf(message),
    message: concat([
      numberToHex(nonce, { size: 8 }),
      numberToHex(srcEid, { size: 4 }),
      numberToHex(amount, { size: 32 }),
      slice(message, TRANSFER_SIZE),
    ]),
  }
}
