import { type Hex, pad, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { readCaptures } from '../src/api/read-captures.ts'

const id = (n: number): Hex => pad(toHex(n), { size: 32 })
const payment = (n: number, captured: bigint) => ({ id: id(n), captured })
const capture = (n: number, amount: bigint) => ({ paymentId: id(n), amount })

type Moment = { payments: ReturnType<typeof payment>[]; captures: ReturnType<typeof capture>[] }

/** A database that shows one moment after the other, the last one for good: payments of one, captures of the next. */
function databaseOf(...moments: [Moment, ...Moment[]]) {
  let reads = 0
  const next = (): Moment => moments[Math.min(reads++, moments.length - 1)] ?? moments[0]
  return {
    reads: () => reads,
    queries: {
      payments: async () => next().payments,
      captures: async (ids: Hex[]) => next().captures.filter(({ paymentId }) => ids.includes(paymentId)),
    },
  }
}

describe('readCaptures', () => {
  const before: Moment = { payments: [payment(1, 0n), payment(2, 7n)], captures: [capture(2, 7n)] }
  const after: Moment = { payments: [payment(1, 5n), payment(2, 7n)], captures: [capture(2, 7n), capture(1, 5n)] }

  test('gives each payment its captures', async () => {
    const parts: Moment = { payments: [payment(1, 5n), payment(2, 0n)], captures: [capture(1, 2n), capture(1, 3n)] }
    const { queries, reads } = databaseOf(parts)
    expect(await readCaptures(queries)).toEqual({
      rows: parts.payments,
      capturesOf: new Map([[id(1), parts.captures]]),
    })
    expect(reads()).toBe(2)
  })

  test.each([
    ['a capture is committed between both reads', before, after],
    ['a capture is taken back between both reads', after, before],
  ])('reads again if %s', async (_, first, last) => {
    const { queries, reads } = databaseOf(first, last)
    expect(await readCaptures(queries)).toMatchObject({ rows: last.payments })
    expect(reads()).toBe(4)
  })

  test('never answers a payment without its captures, were it one of many', async () => {
    const torn: Moment = { payments: after.payments, captures: before.captures }
    await expect(readCaptures(databaseOf(torn).queries)).rejects.toThrow('do not belong together')
  })
})
