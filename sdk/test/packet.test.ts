import { concat, getAddress, type Hex, keccak256, pad, slice, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import {
  composeOf,
  decodeOftAmount,
  decodePacket,
  encodeHeader,
  guidOf,
  hasCompose,
  type Packet,
  toAddress,
} from '../src/layerzero/packet.ts'

const UNITS_PER_SHARED = 10n ** 12n
const sender = pad('0x1111111111111111111111111111111111111111')
const receiver = pad('0x2222222222222222222222222222222222222222')
const recipient = '0xabcdefabcdefabcdefabcdefabcdefabcdefabcd'
const path = { nonce: 7n, srcEid: 40901, sender, dstEid: 40902, receiver }
const ends = concat([toHex(7n, { size: 8 }), toHex(40901, { size: 4 }), sender, toHex(40902, { size: 4 }), receiver])
const header = concat(['0x01', ends])
const transfer = concat([pad(recipient), toHex(1_500_000n, { size: 8 })])
const composed = concat([transfer, sender, '0xbeef'])

function encode(message: Hex): Hex {
  return concat([header, keccak256(ends), message])
}

describe('decodePacket', () => {
  test('reads every field where LayerZero writes it', () => {
    expect(decodePacket(encode('0xabcdef'))).toEqual({
      ...path,
      guid: keccak256(ends),
      message: '0xabcdef',
      header,
      payloadHash: keccak256(concat([keccak256(ends), '0xabcdef'])),
    })
  })

  test('reads a packet without a message', () => {
    expect(decodePacket(encode('0x'))).toMatchObject({ message: '0x', payloadHash: keccak256(keccak256(ends)) })
  })

  test('knows no other version, and nothing that is cut off', () => {
    expect(decodePacket(concat(['0x02', slice(encode('0xabcdef'), 1)]))).toBeNull()
    expect(decodePacket(slice(encode('0x'), 0, 112))).toBeNull()
    expect(decodePacket('0x')).toBeNull()
  })
})

describe('encodeHeader', () => {
  test('is what a packet begins with', () => {
    expect(encodeHeader(path)).toBe(header)
  })
})

describe('guidOf', () => {
  test('is the hash of nonce and path', () => {
    expect(guidOf(path)).toBe(keccak256(ends))
  })
})

describe('toAddress', () => {
  test('is the last 20 bytes, with checksum', () => {
    expect(toAddress(pad(recipient))).toBe(getAddress(recipient))
  })
})

describe('decodeOftAmount', () => {
  test('scales shared decimals up', () => {
    expect(decodeOftAmount(transfer, UNITS_PER_SHARED)).toBe(1_500_000_000_000_000_000n)
  })

  test('ignores what is composed behind it', () => {
    expect(decodeOftAmount(composed, UNITS_PER_SHARED)).toBe(1_500_000_000_000_000_000n)
  })

  test('knows no amount in another message', () => {
    expect(decodeOftAmount('0x', UNITS_PER_SHARED)).toBeNull()
    expect(decodeOftAmount(slice(transfer, 0, 39), UNITS_PER_SHARED)).toBeNull()
  })
})

describe('hasCompose', () => {
  test('tells a transfer with something behind it from one without', () => {
    expect(hasCompose(composed)).toBe(true)
    expect(hasCompose(transfer)).toBe(false)
    expect(hasCompose('0x')).toBe(false)
  })
})

describe('composeOf', () => {
  test('is what the token queues on arrival', () => {
    const packet = decodePacket(encode(composed)) as Packet
    expect(composeOf(packet, UNITS_PER_SHARED)).toEqual({
      to: getAddress(recipient),
      message: concat([
        toHex(7n, { size: 8 }),
        toHex(40901, { size: 4 }),
        toHex(1_500_000_000_000_000_000n, { size: 32 }),
        sender,
        '0xbeef',
      ]),
    })
  })
})
