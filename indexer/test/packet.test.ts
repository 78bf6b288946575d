import { concat, type Hex, keccak256, pad, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { decodeOftAmount, decodePacket, guidOf } from '../src/packet.ts'

const sender = pad('0x1111111111111111111111111111111111111111')
const receiver = pad('0x2222222222222222222222222222222222222222')
const path = { nonce: 7n, srcEid: 40901, sender, dstEid: 40902, receiver }
const header = concat([toHex(7n, { size: 8 }), toHex(40901, { size: 4 }), sender, toHex(40902, { size: 4 }), receiver])

function packet(message: Hex): Hex {
  return concat(['0x01', header, guidOf(path), message])
}

describe('decodePacket', () => {
  test('reads every field of a packet', () => {
    expect(decodePacket(packet('0xabcdef'))).toEqual({ ...path, guid: guidOf(path), message: '0xabcdef' })
  })

  test('reads a packet without a message', () => {
    expect(decodePacket(packet('0x'))?.message).toBe('0x')
  })

  test('knows no other version, and nothing that is cut off', () => {
    expect(decodePacket(`0x02${packet('0x').slice(4)}`)).toBeNull()
    expect(decodePacket(packet('0x').slice(0, -2) as Hex)).toBeNull()
  })
})

describe('guidOf', () => {
  test('is the hash of nonce and path', () => {
    expect(guidOf(path)).toBe(keccak256(header))
  })
})

describe('decodeOftAmount', () => {
  test('scales shared decimals up', () => {
    expect(decodeOftAmount(concat([receiver, toHex(1_500_000n, { size: 8 })]))).toBe(1_500_000_000_000_000_000n)
  })

  test('ignores what is composed behind it', () => {
    expect(decodeOftAmount(concat([receiver, toHex(3n, { size: 8 }), '0xffff']))).toBe(3_000_000_000_000n)
  })

  test('knows no amount in another message', () => {
    expect(decodeOftAmount('0x1234')).toBeNull()
  })
})
