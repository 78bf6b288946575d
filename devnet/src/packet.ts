import { keccak256, size, slice, type Address, type Hex } from 'viem'
import { decodeExecutorOptions, type ExecutorOptions } from './options.ts'

/** Where a packet comes from, as contracts see it. */
export interface Origin {
  srcEid: number
  sender: Hex
  nonce: bigint
}

/** A message on its way: what `PacketSent` says of it. */
export interface Packet {
  guid: Hex
  origin: Origin
  dstEid: number
  receiver: Address
  message: Hex
  /** What DVNs attest: the header (81 bytes), its hash, and the hash of guid and message. */
  header: Hex
  headerHash: Hex
  payloadHash: Hex
  options: ExecutorOptions
}

const headerSize = 81

/** Decodes LayerZero's packet format, version 1 (PacketV1Codec): header · guid · message. */
export function decodePacket(encoded: Hex, options: Hex): Packet {
  const header = slice(encoded, 0, headerSize)
  const payload = slice(encoded, headerSize)
  return {
    guid: slice(payload, 0, 32),
    origin: {
      nonce: BigInt(slice(header, 1, 9)),
      srcEid: Number(slice(header, 9, 13)),
      sender: slice(header, 13, 45),
    },
    dstEid: Number(slice(header, 45, 49)),
    receiver: slice(header, 61, headerSize),
    message: size(payload) > 32 ? slice(payload, 32) : '0x',
    header,
    headerHash: keccak256(header),
    payloadHash: keccak256(payload),
    options: decodeExecutorOptions(options),
  }
}

/** Messages of one pathway share this: they are delivered in the order of their nonces. */
export const pathwayOf = ({ origin, receiver }: Packet) => `${origin.srcEid}:${origin.sender}:${receiver}`
