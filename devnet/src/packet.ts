import type { Packet } from '@mati/sdk/layerzero'
import type { Hex } from 'viem'
import type { ExecutorOptions } from './options.ts'

/** A packet, what its sender paid the executor for, and the block that sent it. */
export interface SentPacket extends Packet {
  options: ExecutorOptions
  sentIn: { number: bigint; hash: Hex }
}

/** Messages of one pathway share this: they are delivered in the order of their nonces. */
export const pathwayOf = ({ srcEid, sender, receiver }: Packet) => `${srcEid}:${sender}:${receiver}`
