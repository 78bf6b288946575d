/**
 * What is said of our token's messages on a chain, block by block, before the index has it: what was sent from it, and
 * what DVNs attest on it, so that what could not be delivered before may be now. What is missed here costs only time.
 */
import { endpointV2Abi, type MessageView, receiveUln302Abi } from '@mati/sdk'
import { decodePacket, toAddress } from '@mati/sdk/layerzero'
import { getAbiItem, isAddressEqual, keccak256, pad, slice, type Hex } from 'viem'
import type { Chain } from '../chains.ts'

/** Further back nothing is looked up: what was missed is found by trying, and by the index, later. */
const MAX_BLOCKS = 100n
const events = [
  getAbiItem({ abi: receiveUln302Abi, name: 'PayloadVerified' }),
  getAbiItem({ abi: endpointV2Abi, name: 'PacketSent' }),
]

/** A message as its source chain told of it. */
export type Sending = Pick<
  MessageView,
  'guid' | 'srcEid' | 'dstEid' | 'nonce' | 'sender' | 'receiver' | 'encodedPayload'
>

export type News = { sent: Sending[]; attested: Hex[] }

export type Messaging = {
  /** What was said since the last call, up to a block; in that block alone at the first. Guids in lower case. */
  next(head: bigint): Promise<News>
}

export function watchMessaging({ client, deployment }: Chain): Messaging {
  const { endpoint, receiveLibrary } = deployment.external
  const { token } = deployment.contracts
  let seen: bigint | undefined
  return {
    async next(head) {
      const from = seen === undefined || head - seen > MAX_BLOCKS ? head : seen + 1n
      if (from > head) return { sent: [], attested: [] }
      const address = [endpoint, receiveLibrary]
      const logs = await client.getLogs({ address, events, fromBlock: from, toBlock: head, strict: true })
      seen = head
      const sent: Sending[] = []
      const attested = new Set<Hex>()
      for (const { address: emitter, eventName, args } of logs) {
        if (eventName === 'PacketSent' && isAddressEqual(emitter, endpoint)) {
          const sending = toSending(args.encodedPayload)
          if (sending?.sender === pad(token).toLowerCase()) sent.push(sending)
        }
        if (eventName === 'PayloadVerified' && isAddressEqual(emitter, receiveLibrary)) {
          if (isAddressEqual(receiverOf(args.header), token)) attested.add(guidOfHeader(args.header))
        }
      }
      return { sent, attested: [...attested] }
    },
  }
}

function toSending(encodedPayload: Hex): Sending | undefined {
  const packet = decodePacket(encodedPayload)
  if (!packet) return undefined
  const { guid, srcEid, dstEid, nonce, sender, receiver } = packet
  return { guid, srcEid, dstEid, nonce, sender, receiver, encodedPayload }
}

/** The last word of a header; see `@mati/sdk/layerzero`. */
function receiverOf(header: Hex) {
  return toAddress(slice(header, 49, 81))
}

/** A guid is the hash of a header without its version. */
function guidOfHeader(header: Hex): Hex {
  return keccak256(slice(header, 1))
}
