import { matiEscrowAbi, MatiError, settlerAbi } from '@mati/sdk'
import { BaseError, encodeErrorResult, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { summarize } from '../src/jobs/summarize.ts'
import { orExpected } from '../src/transactions/expected.ts'

/** What a node answers to a call that reverted. */
function revert(data: Hex): Error {
  return new BaseError('execution reverted', { cause: Object.assign(new Error('revert'), { data }) })
}

describe('orExpected', () => {
  test('passes on what the call gives', async () => {
    expect(await orExpected(Promise.resolve(5n))).toBe(5n)
  })

  test('takes a payment that another keeper handled as nothing to do', async () => {
    const data = encodeErrorResult({
      abi: matiEscrowAbi,
      errorName: 'Escrow_WrongStatus',
      args: [`0x${'11'.repeat(32)}`, 2],
    })
    expect(await orExpected(Promise.reject(revert(data)))).toMatchObject({ status: 'nothing' })
  })

  test('takes a group that another keeper settled as nothing to do', async () => {
    const data = encodeErrorResult({ abi: settlerAbi, errorName: 'Settler_NothingToSettle' })
    expect(await orExpected(Promise.reject(revert(data)))).toMatchObject({ status: 'nothing' })
  })

  test('waits for a bound that the market does not meet yet', async () => {
    const data = encodeErrorResult({ abi: settlerAbi, errorName: 'Settler_BelowBound', args: [1n, 2n] })
    expect(await orExpected(Promise.reject(revert(data)))).toMatchObject({ status: 'later' })
  })

  test('throws what all the gas there is does not suffice for', async () => {
    const data = encodeErrorResult({ abi: settlerAbi, errorName: 'Settler_InsufficientGas', args: [1n, 2n] })
    await expect(orExpected(Promise.reject(revert(data)))).rejects.toMatchObject({
      code: 'REVERT_Settler_InsufficientGas',
    })
  })

  test('throws what nobody expects, with its code', async () => {
    const data = encodeErrorResult({ abi: settlerAbi, errorName: 'Settler_BadTier', args: [9] })
    await expect(orExpected(Promise.reject(revert(data)))).rejects.toMatchObject({ code: 'REVERT_Settler_BadTier' })
  })
})

describe('summarize', () => {
  const error = new MatiError('broken', { code: 'X', action: 'Fix it.' })
  const done = { status: 'fulfilled', value: { status: 'done', hashes: ['0x01'] } } as const
  const later = { status: 'fulfilled', value: { status: 'later', reason: 'soon' } } as const
  const nothing = { status: 'fulfilled', value: { status: 'nothing', reason: 'gone' } } as const
  const failed = { status: 'rejected', reason: error } as const

  test('is done if anything was, and names all of it', () => {
    expect(summarize([failed, done, later, done])).toEqual({ status: 'done', hashes: ['0x01', '0x01'] })
  })

  test('throws the first error if nothing was done', () => {
    expect(() => summarize([later, failed])).toThrow(error)
  })

  test('waits rather than gives up', () => {
    expect(summarize([nothing, later])).toEqual(later.value)
    expect(summarize([nothing])).toEqual(nothing.value)
    expect(summarize([])).toMatchObject({ status: 'nothing' })
  })
})
