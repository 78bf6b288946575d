import { matiEscrowAbi, RevertError, unpackOrders } from '@mati/sdk'
import {
  decodeFunctionData,
  encodeAbiParameters,
  encodeErrorResult,
  encodeEventTopics,
  encodeFunctionResult,
  type Hex,
  keccak256,
  numberToHex,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { createCaptureJob } from '../src/jobs/capture.ts'
import { MAX_CAPTURES } from '../src/jobs/captures.ts'
import type { PaymentAction } from '../src/jobs/payment-action.ts'
import { paymentTerms } from '../src/jobs/terms.ts'
import { type Answers, fakeChain, here } from './support/chain.ts'
import { paymentView } from './support/views.ts'

const abi = matiEscrowAbi
const CALL_GAS = 2_000_000n
const id = (n: number): Hex => keccak256(numberToHex(n))
/** From this number on payments are another merchant's. */
const OTHERS = 1_000
/** A payment each, told apart by its invoice, which is its id here. */
const action = (n: number): PaymentAction => ({
  chainId: 1,
  id: id(n),
  payment: paymentTerms.parse(
    paymentView({ invoice: id(n), ...(n < OTHERS ? {} : { merchant: here.contracts.escrow }) }).terms,
  ),
})
const wrongStatus = (n: number) => encodeErrorResult({ abi, errorName: 'Escrow_WrongStatus', args: [id(n), 2] })
const noRate = encodeErrorResult({ abi, errorName: 'Escrow_ShortfallExceeded', args: [2n, 1n, 0n] })
const broken = encodeErrorResult({ abi, errorName: 'Escrow_NothingToCapture' })

type World = {
  /** What captures revert with already before anything is sent. */
  before?: Record<Hex, Hex>
  /** What those that looked well before revert with once they are mined. */
  mined?: Record<Hex, Hex>
  gas?: (count: number) => bigint | Hex
  pending?: string[]
}

/** The payments that a call captures. */
function capturesIn(data: Hex): Hex[] {
  const { functionName, args } = decodeFunctionData({ abi, data })
  if (functionName === 'capture') return [args[0].invoice]
  if (functionName === 'captureMany') return unpackOrders(args[0]).map(({ payment }) => payment.invoice)
  throw new Error(`${functionName} was not expected`)
}

/** A chain with an escrow that captures all but what a test says. */
function startChain({ before = {}, mined = {}, gas = () => 100_000n, pending = [] }: World = {}) {
  let simulated = 0
  const answers: Answers = {
    pending,
    call(data) {
      const { functionName } = decodeFunctionData({ abi, data })
      if (functionName === 'CALL_GAS') return encodeFunctionResult({ abi, functionName, result: CALL_GAS })
      simulated++
      const result = capturesIn(data).map((one) => before[one] === undefined)
      return encodeFunctionResult({ abi, functionName: 'captureMany', result })
    },
    estimate(data) {
      const [first = '0x', ...others] = capturesIn(data)
      return others.length === 0 ? (before[first] ?? gas(1)) : gas(others.length + 1)
    },
    emit: (data) =>
      capturesIn(data).map((one, index) => {
        const reason = mined[one]
        const address = here.contracts.escrow
        if (reason !== undefined) {
          const topics = encodeEventTopics({ abi, eventName: 'CallSkipped', args: { index: BigInt(index) } })
          return { address, topics: topics as Hex[], data: encodeAbiParameters([{ type: 'bytes' }], [reason]) }
        }
        const topics = encodeEventTopics({
          abi,
          eventName: 'Captured',
          args: { id: one, merchant: here.contracts.token },
        })
        const amounts = Array.from({ length: 7 }, () => ({ type: 'uint256' }) as const)
        const data = encodeAbiParameters(amounts, [50n, 40n, 0n, 60n, 1n, 40n, 0n])
        return { address, topics: topics as Hex[], data }
      }),
  }
  const { chain, sent, hashOf } = fakeChain(answers)
  const job = createCaptureJob()
  const edge = { chain, signal: new AbortController().signal }
  return {
    hashOf,
    simulated: () => simulated,
    sent: () => sent.map(({ data }) => capturesIn(data)),
    gas: () => sent.map((transaction) => transaction.gas),
    run: (...numbers: number[]) => Promise.allSettled(numbers.map((n) => job.run(edge, action(n)))),
  }
}

const done = (hash: Hex) => ({ status: 'fulfilled', value: { status: 'done', hashes: [hash] } })

describe('captures', () => {
  test('that are due at the same moment go out as one', async () => {
    const { run, sent, gas, hashOf } = startChain()
    expect(await run(1, 2, 3)).toEqual([done(hashOf(1)), done(hashOf(1)), done(hashOf(1))])
    expect(sent()).toEqual([[id(1), id(2), id(3)]])
    // What one that fails there must find left, beyond the estimate and its margin.
    expect(gas()).toEqual([125_000n + CALL_GAS])
  })

  test('of one merchant go side by side in it', async () => {
    const { run, sent, hashOf } = startChain()
    expect(await run(1, OTHERS, 2, OTHERS + 1)).toEqual(Array.from({ length: 4 }, () => done(hashOf(1))))
    expect(sent()).toEqual([[id(1), id(2), id(OTHERS), id(OTHERS + 1)]])
  })

  test('that are due one after the other go out by themselves', async () => {
    const { run, sent, simulated } = startChain()
    await run(1)
    await run(2)
    expect(sent()).toEqual([[id(1)], [id(2)]])
    expect(simulated()).toBe(0)
  })

  test('that cannot be now are left out, each for its own reason', async () => {
    const before = { [id(2)]: wrongStatus(2), [id(3)]: noRate, [id(4)]: broken }
    const { run, sent, hashOf } = startChain({ before })
    const [first, second, third, fourth, fifth] = await run(1, 2, 3, 4, 5)
    expect([first, fifth]).toEqual([done(hashOf(1)), done(hashOf(1))])
    expect(second).toMatchObject({ value: { status: 'nothing' } })
    expect(third).toMatchObject({ value: { status: 'later' } })
    expect(fourth).toMatchObject({ reason: { code: 'REVERT_Escrow_NothingToCapture' } })
    expect(sent()).toEqual([[id(1), id(5)]])
  })

  test('of which one is left need no batch', async () => {
    const { run, sent } = startChain({ before: { [id(1)]: noRate } })
    await run(1, 2)
    expect(sent()).toEqual([[id(2)]])
  })

  test('that the transaction skipped are told from those it made, and go alone from then on', async () => {
    const mined = { [id(2)]: wrongStatus(2), [id(3)]: broken }
    const { run, sent, hashOf } = startChain({ mined })
    const [first, second, third] = await run(1, 2, 3)
    expect(first).toEqual(done(hashOf(1)))
    expect(second).toMatchObject({ value: { status: 'nothing' } })
    expect(third).toMatchObject({ reason: { code: 'REVERT_Escrow_NothingToCapture' } })
    expect((third as PromiseRejectedResult).reason).toBeInstanceOf(RevertError)

    delete (mined as Record<Hex, Hex>)[id(3)]
    expect(await run(3, 4, 5)).toEqual([done(hashOf(2)), done(hashOf(3)), done(hashOf(3))])
    expect(sent().slice(1)).toEqual([[id(3)], [id(4), id(5)]])
    await run(3, 6)
    expect(sent()[3]).toEqual([id(3), id(6)])
  })

  test('go out in halves if no transaction may have so much gas', async () => {
    const { run, sent } = startChain({ gas: (count) => BigInt(count) * 4_000_000n })
    await run(1, 2, 3, 4, 5)
    // Two and the spare gas: 12,000,000; three: 17,000,000 of 16,777,216.
    expect(sent()).toEqual([[id(1), id(2)], [id(3)], [id(4), id(5)]])
  })

  test('go out in halves if the node refuses them together', async () => {
    const short = encodeErrorResult({ abi, errorName: 'Escrow_InsufficientGas', args: [1n, 2n] })
    const { run, sent } = startChain({ gas: (count) => (count > 2 ? short : 100_000n) })
    await run(1, 2, 3, 4)
    expect(sent()).toEqual([
      [id(1), id(2)],
      [id(3), id(4)],
    ])
  })

  test('are never more than fit', async () => {
    const { run, sent } = startChain()
    await run(...Array.from({ length: MAX_CAPTURES + 2 }, (_, i) => i + 1))
    expect(sent().map(({ length }) => length)).toEqual([MAX_CAPTURES, 2])
  })

  test('that a transaction of an earlier process is to make are left to it', async () => {
    const { run, sent } = startChain({ pending: [`captures:${id(1).slice(2, 18)}+${id(2).slice(2, 18)}`] })
    const [first, second, third] = await run(1, 2, 3)
    expect(first).toMatchObject({ value: { status: 'later' } })
    expect(second).toMatchObject({ value: { status: 'later' } })
    expect(third).toMatchObject({ value: { status: 'done' } })
    expect(sent()).toEqual([[id(3)]])
  })

  test('that an earlier process sent alone are joined', async () => {
    const { run, sent } = startChain({ pending: [`capture:${id(1)}`] })
    await run(1, 2, 3)
    expect(sent()).toContainEqual([id(1)])
    expect(sent()).toContainEqual([id(2), id(3)])
  })
})
