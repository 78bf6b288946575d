import {
  decodeError,
  decodeRevert,
  describeRevert,
  firstCause,
  MatiError,
  matiEscrowAbi,
  rateOracleAbi,
  revertArgs,
  RevertError,
} from '@mati/sdk'
import {
  BaseError,
  ContractFunctionRevertedError,
  encodeAbiParameters,
  encodeErrorResult,
  ExecutionRevertedError,
  type Hex,
  HttpRequestError,
  InsufficientFundsError,
  RpcRequestError,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { chainlinkSourceAbi } from '../src/generated/index.ts'
import { addressOf } from './deployments.ts'

const tooEarly = encodeErrorResult({ abi: matiEscrowAbi, errorName: 'Escrow_CaptureTooEarly', args: [10n, 20n] })
const stale = encodeErrorResult({ abi: chainlinkSourceAbi, errorName: 'ChainlinkSource_Stale', args: [5n, 60n, 100n] })
const unavailable = encodeErrorResult({
  abi: rateOracleAbi,
  errorName: 'Oracle_PriceUnavailable',
  args: [addressOf(1), stale],
})
/** Solidity's `Error(string)`. */
const text = (reason: string): Hex => `0x08c379a0${encodeAbiParameters([{ type: 'string' }], [reason]).slice(2)}`
/** As viem throws it when a node answers a call with revert data. */
const thrown = (data: Hex) =>
  new BaseError('call failed', {
    cause: new ContractFunctionRevertedError({ abi: [], data, functionName: 'capture' }),
  })

describe('decodeRevert', () => {
  test('names a revert and its arguments', () => {
    expect(decodeRevert(tooEarly)).toEqual({
      name: 'Escrow_CaptureTooEarly',
      args: { timestamp: 10n, captureAfter: 20n },
      values: [10n, 20n],
      reasons: [],
    })
  })

  test('decodes the revert within a revert', () => {
    const revert = decodeRevert(unavailable)
    expect(revert?.reasons.map(({ name, args }) => ({ name, args }))).toEqual([
      { name: 'ChainlinkSource_Stale', args: { updatedAt: 5n, maxAge: 60n, timestamp: 100n } },
    ])
    expect(revert && describeRevert(revert)).toBe(
      `Oracle_PriceUnavailable(asset: ${addressOf(1)}): ChainlinkSource_Stale(updatedAt: 5, maxAge: 60, timestamp: 100)`,
    )
  })

  test.each([
    ['Uniswap', text('Too little received'), 'Too little received'],
    ['a panic', `0x4e487b71${'0'.repeat(62)}11` as Hex, 'Panic(reason: 17)'],
    [
      'OpenZeppelin',
      encodeErrorResult({ abi: matiEscrowAbi, errorName: 'SafeERC20FailedOperation', args: [addressOf(2)] }),
      `SafeERC20FailedOperation(token: ${addressOf(2)})`,
    ],
  ])('reads the words of %s', (_, data, words) => {
    const revert = decodeRevert(data)
    expect(revert && describeRevert(revert)).toBe(words)
  })

  test.each(['0x', '0x12345678', tooEarly.slice(0, 20)])('knows nothing of %s', (data) => {
    expect(decodeRevert(data as Hex)).toBeNull()
  })
})

describe('decodeError', () => {
  test('makes a typed error of a revert', () => {
    const error = decodeError(thrown(tooEarly))
    expect(error).toBeInstanceOf(RevertError)
    expect(error).toMatchObject({
      code: 'REVERT_Escrow_CaptureTooEarly',
      message: 'Escrow_CaptureTooEarly(timestamp: 10, captureAfter: 20)',
      action: 'Wait until captureAfter.',
      retryable: true,
      meta: { data: tooEarly, timestamp: 10n, captureAfter: 20n },
    })
    expect(revertArgs(error, 'Escrow_CaptureTooEarly')).toEqual([10n, 20n])
    expect(revertArgs(error, 'Escrow_CaptureExpired')).toBeNull()
  })

  test('finds the data of a failed gas estimate too', () => {
    const rpc = new RpcRequestError({ body: {}, error: { code: 3, message: 'reverted', data: tooEarly }, url: '' })
    const error = decodeError(new BaseError('estimate', { cause: new ExecutionRevertedError({ cause: rpc }) }))
    expect(error.code).toBe('REVERT_Escrow_CaptureTooEarly')
  })

  test('finds arguments within a nested reason', () => {
    const error = decodeError(thrown(unavailable))
    expect(error.retryable).toBe(true)
    expect(revertArgs(error, 'ChainlinkSource_Stale')).toEqual([5n, 60n, 100n])
  })

  test('advises on a text', () => {
    expect(decodeError(thrown(text('FiatTokenV2: invalid signature')))).toMatchObject({
      code: 'REVERT_Error',
      message: 'FiatTokenV2: invalid signature',
      retryable: false,
      action: expect.stringMatching(/^Sign with the payer's key/) as string,
    })
  })

  test('keeps the data of a revert that nothing declares', () => {
    expect(decodeError(thrown('0x12345678'))).toMatchObject({
      code: 'REVERT_UNKNOWN',
      data: '0x12345678',
      revert: null,
    })
  })

  test('tells a node that does not answer from one that refuses', () => {
    const down = new HttpRequestError({ url: 'http://127.0.0.1:1', details: 'refused' })
    expect(decodeError(new BaseError('x', { cause: down }))).toMatchObject({ code: 'RPC_UNAVAILABLE', retryable: true })
    const poor = new BaseError('x', { cause: new InsufficientFundsError() })
    expect(decodeError(poor)).toMatchObject({ code: 'INSUFFICIENT_FUNDS', retryable: false })
    expect(decodeError(new Error('odd'))).toMatchObject({ code: 'CALL_FAILED', message: 'odd', retryable: false })
  })

  test('passes its own errors unchanged', () => {
    const own = new MatiError('no', { code: 'NO', action: 'none' })
    expect(decodeError(own)).toBe(own)
  })
})

describe('MatiError', () => {
  test('walks its causes', () => {
    const inner = new RangeError('inner')
    const error = new MatiError('outer', { code: 'X', action: 'none', cause: new Error('middle', { cause: inner }) })
    expect(error.walk((cause) => cause instanceof RangeError)).toBe(inner)
    expect(error.walk((cause) => cause instanceof SyntaxError)).toBeNull()
    expect(firstCause(undefined, () => true)).toBeNull()
  })
})
