import { encodeErrorResult, parseAbi } from 'viem'
import { describe, expect, test } from 'vitest'
import { decodeReason } from '../src/failure.ts'
import { detailMessage, type SentMessage, type StepRow, viewMessage } from '../src/message-view.ts'
import { address } from './world.ts'

const [executor, stranger] = [address(1), address(2)]
const sent: SentMessage = {
  guid: '0x01',
  chainId: 1,
  hash: '0xaa',
  blockNumber: 7n,
  timestamp: 100,
  nonce: 1n,
  srcEid: 11,
  dstEid: 12,
  sender: '0x02',
  receiver: '0x03',
  encodedPayload: '0x04',
  by: stranger,
  amount: 5n,
  isPayout: true,
}
const abi = parseAbi([
  'error LZ_InvalidNonce(uint64 nonce)',
  'error Gateway_InsufficientGas(uint256 gas, uint256 required)',
  'error Unheard(uint256 value)',
])
const invalidNonce = encodeErrorResult({ abi, errorName: 'LZ_InvalidNonce', args: [4n] })

type Some = StepRow['kind'] | (Pick<StepRow, 'kind'> & Partial<StepRow>)

function stepsOf(steps: Some[]): StepRow[] {
  return steps.map((some, i) => {
    const at = { chainId: 2, hash: '0xbb', blockNumber: 8n, by: executor } as const
    const step = typeof some === 'string' ? { kind: some } : some
    return { ...at, timestamp: 200 + i, reason: null, gas: null, kept: null, returnGuid: null, ...step }
  })
}

const view = (...steps: Some[]) => viewMessage(sent, 2, stepsOf(steps))
const plain = (...steps: Some[]) => viewMessage({ ...sent, isPayout: false }, 2, stepsOf(steps))

describe('viewMessage', () => {
  test('is sent until the other chain says more', () => {
    const expected = { status: 'sent', isOpen: true, srcChainId: 1, dstChainId: 2, sentAt: 100, verifiedAt: null }
    expect(view()).toMatchObject(expected)
  })

  test('has the status it has got furthest to', () => {
    expect(view('verified').status).toBe('verified')
    expect(view('verified', 'delivered').status).toBe('delivered')
    expect(view('verified', 'delivered', 'composed').status).toBe('composed')
    expect(view('verified', 'delivered', 'composed', 'credited').status).toBe('credited')
    expect(view('verified', 'delivered', 'returnable', 'composed').status).toBe('returnable')
    expect(view('verified', 'delivered', 'returnable', 'composed', 'returned').status).toBe('returned')
  })

  test('waits from its receipt until its release', () => {
    const waiting = { status: 'waiting', isOpen: true, waitingAt: 201, waitingMessage: '0x77' }
    expect(view('verified', { kind: 'waiting', kept: '0x77' }, 'delivered')).toMatchObject(waiting)
    const released = ['verified', 'waiting', 'delivered', 'released'] as const
    expect(view(...released)).toMatchObject({ status: 'delivered', isOpen: true, releasedAt: 203 })
    expect(plain(...released)).toMatchObject({ status: 'delivered', isOpen: false })
    expect(view(...released, 'composed', 'credited').status).toBe('credited')
  })

  test('is open while anyone may do something for it', () => {
    const open = [view(), view('verified'), view('delivered'), plain('verified'), plain('waiting', 'delivered')]
    expect(open.map(({ isOpen }) => isOpen)).toEqual([true, true, true, true, true])
    const closed = [plain('delivered'), view('composed'), view('credited'), view('returnable'), view('returned')]
    expect(closed.map(({ isOpen }) => isOpen)).toEqual([false, false, false, false, false])
  })

  test('keeps the first time of each step and the last failure', () => {
    const failing = (kind: 'receiveFailed' | 'composeFailed') => ({ kind, reason: invalidNonce, gas: 9n })
    const repeated = view('verified', failing('receiveFailed'), 'verified', 'delivered', failing('composeFailed'))
    expect(repeated).toMatchObject({ verifiedAt: 200, deliveredAt: 203, creditedAt: null })
    expect(repeated.failure).toEqual({
      step: 'compose',
      name: 'LZ_InvalidNonce',
      args: { nonce: '4' },
      message: 'LZ_InvalidNonce(nonce: 4)',
      data: invalidNonce,
      gas: 9n,
      isOutOfGas: false,
      timestamp: 204,
      by: executor,
    })
  })

  test('counts the tries, and tells who tried again', () => {
    const failed = { kind: 'receiveFailed', reason: '0x', gas: 9n } as const
    expect(view('verified', failed)).toMatchObject({ tries: { receive: 1, compose: 0 }, retriedBy: null })
    expect(view('verified', failed, failed)).toMatchObject({ tries: { receive: 2, compose: 0 }, retriedBy: executor })
    const rescued = view('verified', failed, { kind: 'delivered', by: stranger }, 'composed')
    expect(rescued).toMatchObject({ tries: { receive: 2, compose: 1 }, retriedBy: stranger })
    const composed = { kind: 'composed', by: stranger } as const
    const cured = view('delivered', { ...failed, kind: 'composeFailed' }, composed, 'credited')
    expect(cured).toMatchObject({ status: 'credited', tries: { receive: 1, compose: 2 }, retriedBy: stranger })
  })

  test('tells why it can only go back', () => {
    const reason = encodeErrorResult({ abi, errorName: 'Gateway_InsufficientGas', args: [1n, 2n] })
    expect(view({ kind: 'returnable', reason }).failure).toMatchObject({ step: 'credit', gas: null })
  })
})

describe('detailMessage', () => {
  test('has the sending and every step, with chain, transaction, time and who took it', () => {
    const steps = detailMessage(sent, 2, stepsOf(['verified', { kind: 'returned', returnGuid: '0x0c' }])).steps
    const none = { failure: null, returnGuid: null }
    expect(steps).toEqual([
      { name: 'sent', chainId: 1, hash: '0xaa', blockNumber: 7n, timestamp: 100, by: stranger, ...none },
      { name: 'verified', chainId: 2, hash: '0xbb', blockNumber: 8n, timestamp: 200, by: executor, ...none },
      {
        name: 'returned',
        chainId: 2,
        hash: '0xbb',
        blockNumber: 8n,
        timestamp: 201,
        by: executor,
        ...none,
        returnGuid: '0x0c',
      },
    ])
  })
})

describe('decodeReason', () => {
  test('takes silence for running out of the gas that was given', () => {
    const silent = { name: null, args: {}, data: '0x' }
    expect(decodeReason('0x', 9n)).toEqual({
      ...silent,
      message: 'no reason given, probably out of 9 gas',
      gas: 9n,
      isOutOfGas: true,
    })
    expect(decodeReason('0x', null)).toEqual({ ...silent, message: 'no reason given', gas: null, isOutOfGas: false })
  })

  test('tells that a contract refused too little gas', () => {
    const data = encodeErrorResult({ abi, errorName: 'Gateway_InsufficientGas', args: [1n, 2n] })
    const args = { gas: '1', required: '2' }
    expect(decodeReason(data, null)).toMatchObject({ name: 'Gateway_InsufficientGas', args, isOutOfGas: true })
  })

  test('keeps what nobody can read', () => {
    const data = encodeErrorResult({ abi, errorName: 'Unheard', args: [1n] })
    expect(decodeReason(data, 9n)).toMatchObject({ name: null, args: {}, message: data, data, isOutOfGas: false })
  })
})
