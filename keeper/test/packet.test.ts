import { concat, keccak256, numberToHex, padHex, slice } from 'viem'
import { describe, expect, test } from 'vitest'
import { composeOf, decodePacket, hasCompose } from '../src/messages/packet.ts'
import { address, messageView } from './support/views.ts'

describe('decodePacket', () => {
  test('reads every field where LayerZero writes it', () => {
    const { encodedPayload } = messageView({ nonce: 7n })
    expect(decodePacket(encodedPayload)).toEqual({
      header: slice(encodedPayload, 0, 81),
      payloadHash: keccak256(slice(encodedPayload, 81)),
      nonce: 7n,
      srcEid: 40_001,
      sender: padHex(address(7)),
      dstEid: 40_002,
      receiver: address(8),
      guid: padHex(numberToHex(7), { size: 32 }),
      message: concat([padHex(address(9)), numberToHex(5, { size: 8 }), padHex(address(6)), '0xbeef']),
    })
  })
})

describe('composeOf', () => {
  test('is what the token queues on arrival', () => {
    const packet = decodePacket(messageView({ nonce: 7n }).encodedPayload)
    expect(hasCompose(packet)).toBe(true)
    expect(composeOf(packet, 10n ** 12n)).toEqual({
      to: address(9),
      message: concat([
        numberToHex(7, { size: 8 }),
        numberToHex(40_001, { size: 4 }),
        numberToHex(5n * 10n ** 12n, { size: 32 }),
        padHex(address(6)),
        '0xbeef',
      ]),
    })
  })
})
