import { describe, expect, test } from 'vitest'
import { decideTransaction, findNonceGap, type TransactionSight } from '../src/transactions/decide.ts'
import type { StoredTransaction } from '../src/transactions/transaction.ts'
import { address } from './support/views.ts'

const policy = { rebroadcastAfterMs: 5_000, replaceAfterMs: 15_000, supersedeAfterMs: 30_000, maxFeePerGas: 1_000n }
const attempt = { hash: '0xaa', raw: '0xbb', maxFeePerGas: 100n, maxPriorityFeePerGas: 10n } as const

function transaction(nonce = 5): StoredTransaction {
  return {
    id: '1',
    chainId: 1,
    signer: address(1),
    nonce,
    status: 'pending',
    attempts: [attempt],
    key: 'k',
    to: address(2),
    data: '0x',
    value: 0n,
    gas: 21_000n,
  }
}

const calm: TransactionSight = {
  chainNonce: 5,
  receipt: undefined,
  known: true,
  market: { maxFeePerGas: 90n, maxPriorityFeePerGas: 10n },
  baseFeePerGas: 40n,
  sinceBroadcastMs: 1_000,
  sinceUsedMs: 0,
}
const decide = (sight: Partial<TransactionSight>) => decideTransaction(transaction(), { ...calm, ...sight }, policy)

describe('decideTransaction', () => {
  test('waits while the node knows a fairly priced transaction, however long', () => {
    expect(decide({ sinceBroadcastMs: 1e9 })).toEqual({ action: 'wait' })
  })

  test('ends with a receipt, whatever else is seen', () => {
    const receipt = { status: 'reverted', hash: '0xaa', blockNumber: 1n, gasUsed: 2n } as const
    expect(decide({ receipt, chainNonce: 6 })).toEqual({ action: 'finish', outcome: receipt })
  })

  test('gives a lagging node time before a used nonce counts as another’s', () => {
    expect(decide({ chainNonce: 6, sinceUsedMs: 29_999 })).toEqual({ action: 'wait' })
    expect(decide({ chainNonce: 6, sinceUsedMs: 30_000 })).toEqual({
      action: 'finish',
      outcome: { status: 'superseded' },
    })
  })

  test('repeats what the node does not know, after a while', () => {
    expect(decide({ known: false, sinceBroadcastMs: 4_999 })).toEqual({ action: 'wait' })
    expect(decide({ known: false, sinceBroadcastMs: 5_000 })).toEqual({ action: 'rebroadcast', attempt })
  })

  test('replaces what no block will take at this price, after a while', () => {
    const market = { maxFeePerGas: 300n, maxPriorityFeePerGas: 10n }
    expect(decide({ market, baseFeePerGas: 120n, sinceBroadcastMs: 14_999 })).toEqual({ action: 'wait' })
    expect(decide({ market, baseFeePerGas: 120n, sinceBroadcastMs: 15_000 })).toEqual({
      action: 'replace',
      fees: { maxFeePerGas: 300n, maxPriorityFeePerGas: 12n },
    })
  })

  test('raises both fees enough to be accepted as a replacement', () => {
    const market = { maxFeePerGas: 101n, maxPriorityFeePerGas: 1n }
    expect(decide({ market, baseFeePerGas: 100n, sinceBroadcastMs: 15_000 })).toEqual({
      action: 'replace',
      fees: { maxFeePerGas: 113n, maxPriorityFeePerGas: 12n },
    })
  })

  test('does not outbid its own limit, and repeats the last attempt instead', () => {
    const market = { maxFeePerGas: 1_001n, maxPriorityFeePerGas: 10n }
    const sight = { market, baseFeePerGas: 900n, sinceBroadcastMs: 15_000 }
    expect(decide(sight)).toEqual({ action: 'wait' })
    expect(decide({ ...sight, known: false })).toEqual({ action: 'rebroadcast', attempt })
  })

  test('replaces at once what an earlier process left underpriced and unknown', () => {
    const market = { maxFeePerGas: 300n, maxPriorityFeePerGas: 10n }
    expect(decide({ market, baseFeePerGas: 120n, sinceBroadcastMs: Infinity, known: false })).toMatchObject({
      action: 'replace',
    })
  })
})

describe('findNonceGap', () => {
  test('is nothing while nonces follow each other', () => {
    expect(findNonceGap([], 5, 5)).toEqual([])
    expect(findNonceGap([transaction(5), transaction(6)], 5, 7)).toEqual([])
    expect(findNonceGap([transaction(5), transaction(6)], 5, 5)).toEqual([])
  })

  test('names each nonce that nothing will use', () => {
    expect(findNonceGap([transaction(7), transaction(9)], 5, 5)).toEqual([5, 6, 8])
  })

  test('leaves what the pool already holds in sequence', () => {
    expect(findNonceGap([transaction(8)], 5, 7)).toEqual([7])
  })
})
