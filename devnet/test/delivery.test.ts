import { pad, zeroAddress, zeroHash, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { planDelivery, type Compose, type MessageState } from '../src/delivery.ts'
import type { SentPacket } from '../src/packet.ts'

function packet(nonce: bigint): SentPacket {
  const hash: Hex = pad(`0x${nonce.toString(16).padStart(2, '0')}`, { size: 32 })
  return {
    guid: hash,
    srcEid: 40_901,
    sender: pad('0x01', { size: 32 }),
    nonce,
    dstEid: 40_902,
    receiver: zeroHash,
    message: '0x',
    header: '0x',
    payloadHash: hash,
    options: { lzReceive: { gas: 200_000n, value: 0n }, lzCompose: new Map(), nativeDrops: [] },
    sentIn: { number: 1n, hash },
  }
}

const sent: MessageState = {
  packet: packet(1n),
  confirmed: true,
  awaited: ['dvn1', 'dvn2'],
  committable: false,
  committed: false,
  delivered: false,
  inboundNonce: 0n,
}
const attested: MessageState = { ...sent, awaited: [], committable: true }
const nothing = { verify: { dvn1: [], dvn2: [] }, commit: [], receive: [], compose: [] }
const awake = new Set<never>()

describe('planDelivery', () => {
  test('waits for confirmations', () => {
    expect(planDelivery([{ ...sent, confirmed: false }], [], awake)).toEqual(nothing)
  })

  test('lets every DVN attest that was paid and is awake', () => {
    const { packet: it } = sent
    expect(planDelivery([sent], [], awake)).toEqual({ ...nothing, verify: { dvn1: [it], dvn2: [it] } })
    expect(planDelivery([sent], [], new Set(['dvn2'] as const))).toEqual({
      ...nothing,
      verify: { dvn1: [it], dvn2: [] },
    })
  })

  test('commits and executes together what all have attested', () => {
    const { packet: it } = attested
    expect(planDelivery([attested], [], awake)).toEqual({ ...nothing, commit: [it], receive: [it] })
  })

  test('leaves everything to others while the executor is paused', () => {
    const composed: Compose = {
      from: zeroAddress,
      to: zeroAddress,
      guid: '0x',
      index: 0,
      message: '0x',
      gas: 1n,
      value: 0n,
    }
    expect(planDelivery([attested], [composed], new Set(['executor'] as const))).toEqual(nothing)
    expect(planDelivery([], [composed], awake)).toEqual({ ...nothing, compose: [composed] })
  })

  test('executes in the order of nonces, and nothing above a gap', () => {
    const at = (nonce: bigint, state: MessageState): MessageState => ({ ...state, packet: packet(nonce) })
    const plan = planDelivery([at(4n, attested), at(2n, attested), at(1n, attested), at(3n, sent)], [], awake)
    expect(plan.commit.map(({ nonce }) => nonce)).toEqual([1n, 2n, 4n])
    expect(plan.receive.map(({ nonce }) => nonce)).toEqual([1n, 2n])
  })

  test('has nothing left to do for a delivered message', () => {
    expect(planDelivery([{ ...attested, committable: false, delivered: true }], [], awake)).toEqual(nothing)
  })

  test('takes no more than fits a block', () => {
    const many = Array.from({ length: 50 }, (_, i) => ({ ...attested, packet: packet(BigInt(i + 1)) }))
    expect(planDelivery(many, [], awake).receive).toHaveLength(20)
  })
})
