import type { PayoutAccountView } from '@mati/sdk'
import { describe, expect, test } from 'vitest'
import { openJob, planOpenings } from '../src/jobs/open.ts'
import { address } from './support/views.ts'

function payoutAccount(changes: Partial<PayoutAccountView> = {}): PayoutAccountView {
  return {
    chainId: 1,
    account: address(1),
    merchant: address(2),
    isOpen: false,
    terms: {
      merchant: address(2),
      payout: { asset: address(3), eid: 40_001, cycle: 60, tier: 1, toleranceBps: 50 },
      chain: {
        eid: 40_001,
        settler: address(4),
        recipients: [{ account: address(5), shareBps: 10_000 }],
        reserves: [{ token: address(6), amount: 7n }],
      },
    },
    ...changes,
  }
}

const clocks = new Map([[1, 1_000]])

describe('planOpenings', () => {
  test('opens what is not open', () => {
    const waiting = payoutAccount()
    const { account, terms } = waiting
    expect(planOpenings([waiting, payoutAccount({ isOpen: true })], clocks)).toEqual([{ chainId: 1, account, terms }])
  })

  test('leaves accounts of chains it does not serve, and those that nobody settles', () => {
    const { terms } = payoutAccount()
    const unsettled = payoutAccount({ terms: { ...terms, chain: { ...terms.chain, settler: address(0) } } })
    expect(planOpenings([payoutAccount({ chainId: 2 }), unsettled], clocks)).toEqual([])
  })

  test('reads an action back from the queue as it was', () => {
    const [action] = planOpenings([payoutAccount()], clocks)
    const queued: unknown = JSON.parse(
      JSON.stringify(action, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    )
    expect(openJob.schema.parse(queued)).toEqual(action)
  })
})
