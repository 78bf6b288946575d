/** LayerZero's packet and OFT message, byte by byte (`PacketV1Codec`, `OFTMsgCodec`, `OFTComposeMsgCodec`). Pure. */
import {
  concat,
  getAddress,
  hexToBigInt,
  hexToNumber,
  keccak256,
  numberToHex,
  size,
  slice,
  type Address,
  type Hex,
} from 'viem'

const HEADER_SIZE = 81
/** Recipient (32) and amount in shared decimals (8); what follows is for the recipient's `lzCompose`. */
const TRANSFER_SIZE = 40

export type Packet = {
  /** What DVNs verify, with `payloadHash`. */
  header: Hex
  payloadHash: Hex
  nonce: bigint
  srcEid: number
  sender: Hex
  dstEid: number
  receiver: Address
  guid: Hex
  message: Hex
}

/** @param encoded The packet as the source endpoint's `PacketSent` holds it. */
export function decodePacket(encoded: Hex): Packet {
  return {
    header: slice(encoded, 0, HEADER_SIZE),
    payloadHash: keccak256(slice(encoded, HEADER_SIZE)),
    nonce: hexToBigInt(slice(encoded, 1, 9)),
    srcEid: hexToNumber(slice(encoded, 9, 13)),
    sender: slice(encoded, 13, 45),
    dstEid: hexToNumber(slice(encoded, 45, 49)),
    receiver: getAddress(slice(encoded, 61, 81)),
    guid: slice(encoded, 81, 113),
    message: slice(encoded, 113),
  }
}

/** Whether something is to be done with the transfer once it has arrived. */
export function hasCompose({ message }: Packet): boolean {
  return size(message) > TRANSFER_SIZE
}

/**
 * The call that the arrival of a transfer queues at the endpoint: fully determined by the packet.
 * @param unitsPerShared The token's units per unit in shared decimals.
 */
export function composeOf(packet: Packet, unitsPerShared: bigint): { to: Address; message: Hex } {
  const amount = hexToBigInt(slice(packet.message, 32, TRANSFER_SIZE)) * unitsPerShared
  return {
    to: getAddress(slice(packet.message, 12, 32)),
    message: concat([
      numberToHex(packet.nonce, { size: 8 }),
      numberToHex(packet.srcEid, { size: 4 }),
      numberToHex(amount, { size: 32 }),
      slice(packet.message, TRANSFER_SIZE),
    ]),
  }
}
