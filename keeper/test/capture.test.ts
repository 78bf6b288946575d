import { describe, expect, test } from 'vitest'
import { createCaptureJob, planCaptures } from '../src/jobs/capture.ts'
import { address, paymentView } from './support/views.ts'

const at = (now: number) => new Map([[1, now]])

describe('planCaptures', () => {
  test('captures from the first second allowed', () => {
    expect(planCaptures([paymentView()], at(999))).toEqual([])
    expect(planCaptures([paymentView()], at(1_000))).toHaveLength(1)
  })

  test('leaves a payment whose last block may be gone', () => {
    expect(planCaptures([paymentView()], at(1_999))).toHaveLength(1)
    expect(planCaptures([paymentView()], at(2_000))).toEqual([])
  })

  test('leaves a frozen payment until its freeze is over', () => {
    expect(planCaptures([paymentView({ frozenUntil: 1_500 })], at(1_499))).toEqual([])
    expect(planCaptures([paymentView({ frozenUntil: 1_500 })], at(1_500))).toHaveLength(1)
  })

  test('leaves what only its merchant may capture', () => {
    expect(planCaptures([paymentView({ autoCapture: false })], at(1_500))).toEqual([])
  })

  test('leaves what its merchant captures in parts', () => {
    expect(planCaptures([paymentView({ capturedDue: 1n })], at(1_500))).toEqual([])
  })

  test.each(['captured', 'settling', 'settled', 'voided', 'reclaimed', 'disputed', 'resolved', 'withdrawn'] as const)(
    'leaves a payment that is %s',
    (status) => {
      expect(planCaptures([paymentView({ status })], at(1_500))).toEqual([])
    },
  )

  test('leaves payments of chains it does not serve', () => {
    expect(planCaptures([paymentView({ chainId: 2 })], at(1_500))).toEqual([])
  })

  test('takes the time of each payment’s own chain', () => {
    const payments = [paymentView(), paymentView({ chainId: 2 })]
    const actions = planCaptures(
      payments,
      new Map([
        [1, 500],
        [2, 1_500],
      ]),
    )
    expect(actions.map((action) => action.chainId)).toEqual([2])
  })

  test('carries all terms, and survives the queue', () => {
    const [action] = planCaptures([paymentView()], at(1_500))
    const queued: unknown = JSON.parse(
      JSON.stringify(action, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    )
    expect(createCaptureJob().schema.parse(queued)).toEqual(action)
    expect(action?.payment).toMatchObject({ maxAmount: 100n, due: 50n, minFeeBps: 10, feeReceiver: address(4) })
  })
})
