import { describe, expect, test } from 'vitest'
import { planReclaims } from '../src/jobs/reclaim.ts'
import { paymentView } from './support/views.ts'

const at = (now: number) => new Map([[1, now]])

describe('planReclaims', () => {
  test('reclaims only after the last second of the merchant', () => {
    expect(planReclaims([paymentView()], at(2_000))).toEqual([])
    expect(planReclaims([paymentView()], at(2_001))).toHaveLength(1)
  })

  test('reclaims what is left of a hold captured in parts', () => {
    for (const status of ['captured', 'settling'] as const) {
      const partly = paymentView({ status, capturedDue: 10n, captured: 20n, held: 80n, autoCapture: false })
      expect(planReclaims([partly], at(2_000))).toEqual([])
      expect(planReclaims([partly], at(2_001))).toHaveLength(1)
    }
  })

  test.each(['captured', 'settling', 'settled', 'voided', 'reclaimed', 'disputed', 'resolved', 'withdrawn'] as const)(
    'leaves a payment that is %s',
    (status) => {
      expect(planReclaims([paymentView({ status, held: 0n })], at(3_000))).toEqual([])
    },
  )

  test('leaves a disputed hold to its arbiter', () => {
    expect(planReclaims([paymentView({ status: 'disputed' })], at(3_000))).toEqual([])
  })

  test('leaves payments of chains it does not serve', () => {
    expect(planReclaims([paymentView({ chainId: 2 })], at(3_000))).toEqual([])
  })
})
