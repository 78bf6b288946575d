import { describe, expect, test } from 'vitest'
import { planResolutions } from '../src/jobs/resolve.ts'
import { address, paymentView } from './support/views.ts'

const at = (now: number) => new Map([[1, now]])
const disputed = { status: 'disputed', arbiter: address(9), resolveBy: 5_000 } as const

describe('planResolutions', () => {
  test('splits only after the last second of the arbiter, with all terms', () => {
    expect(planResolutions([paymentView(disputed)], at(5_000))).toEqual([])
    const [action] = planResolutions([paymentView(disputed)], at(5_001))
    expect(action?.payment).toMatchObject({ arbiter: address(9), resolveBy: 5_000, defaultMerchantBps: 5_000 })
  })

  test.each(['authorized', 'captured', 'settling', 'settled', 'voided', 'reclaimed', 'resolved', 'withdrawn'] as const)(
    'leaves a payment that is %s',
    (status) => {
      expect(planResolutions([paymentView({ ...disputed, status })], at(9_000))).toEqual([])
    },
  )

  test('leaves payments of chains it does not serve', () => {
    expect(planResolutions([paymentView({ ...disputed, chainId: 2 })], at(9_000))).toEqual([])
  })
})
