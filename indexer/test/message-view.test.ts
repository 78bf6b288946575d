import { describe, expect, test } from 'vitest'
import { type MessageStep, type SentMessage, viewMessage } from '../src/message-view.ts'

const sent: SentMessage = {
  guid: '0x01',
  chainId: 1,
  timestamp: 100,
  nonce: 1n,
  srcEid: 11,
  dstEid: 12,
  sender: '0x02',
  receiver: '0x03',
  encodedPayload: '0x04',
  amount: 5n,
}

function view(...kinds: MessageStep['kind'][]) {
  const steps = kinds.map((kind, i) => ({ kind, timestamp: 200 + i, detail: `reason ${i}` }))
  return viewMessage(sent, 2, steps)
}

describe('viewMessage', () => {
  test('is sent until the other chain says more', () => {
    expect(view()).toMatchObject({ status: 'sent', srcChainId: 1, dstChainId: 2, sentAt: 100, verifiedAt: null })
  })

  test('has the status it has got furthest to', () => {
    expect(view('verified').status).toBe('verified')
    expect(view('verified', 'delivered').status).toBe('delivered')
    expect(view('verified', 'delivered', 'composed', 'credited').status).toBe('credited')
    expect(view('verified', 'delivered', 'returnable', 'composed').status).toBe('returnable')
    expect(view('verified', 'delivered', 'returnable', 'composed', 'returned').status).toBe('returned')
  })

  test('keeps the first time of each step and the last failure', () => {
    const repeated = view('verified', 'receiveFailed', 'verified', 'receiveFailed', 'delivered', 'composeFailed')
    expect(repeated).toMatchObject({ verifiedAt: 200, deliveredAt: 204, creditedAt: null, failure: 'reason 5' })
  })
})
