import type { Address } from 'viem'
import { describe, expect, test } from 'vitest'
import { groupBalances } from '../src/groups.ts'
import { address } from './world.ts'

const settler = address(9)
const clocks = [{ chainId: 1, now: 5_000, settler }]
const payout = {
  asset: address(7),
  eid: 2,
  cycle: 60,
  tier: 1,
  settler,
  reserves: [] as { token: Address; amount: string }[],
}

function balance(account: number, amount: bigint) {
  return { chainId: 1, account: address(account), token: address(8), balance: amount, since: 1_000 }
}

function registration(merchant: number, change: Partial<typeof payout & { effectiveAt: number; nonce: bigint }> = {}) {
  return {
    ...payout,
    chainId: 1,
    merchant: address(merchant),
    nonce: 1n,
    timestamp: 1_000,
    effectiveAt: 1_000,
    ...change,
  }
}

describe('groupBalances', () => {
  test('joins members of equal payouts, in ascending order', () => {
    const groups = groupBalances([balance(3, 30n), balance(2, 20n)], [registration(2), registration(3)], clocks)
    expect(groups).toEqual([
      {
        chainId: 1,
        token: address(8),
        asset: address(7),
        eid: 2,
        tier: 1,
        members: [
          { merchant: address(2), balance: 20n, reserve: 0n, since: 1_000, cycle: 60 },
          { merchant: address(3), balance: 30n, reserve: 0n, since: 1_000, cycle: 60 },
        ],
      },
    ])
  })

  test('keeps other tiers, assets and chains apart', () => {
    const registrations = [registration(2), registration(3, { tier: 2 }), registration(4, { eid: 3 })]
    expect(groupBalances([balance(2, 1n), balance(3, 1n), balance(4, 1n)], registrations, clocks)).toHaveLength(3)
  })

  test('leaves out empty balances, strangers, and who named another settler or none', () => {
    const registrations = [registration(2), registration(4, { settler: address(5) })]
    expect(groupBalances([balance(2, 0n), balance(3, 1n), balance(4, 1n)], registrations, clocks)).toEqual([])
  })

  test('tells the reserve in the balance’s own token, and leaves out who has no more than it', () => {
    const keeping = (merchant: number, amount: string, token = address(8)) =>
      registration(merchant, { reserves: [{ token, amount }] })
    const registrations = [keeping(2, '20'), keeping(3, '19'), keeping(4, '20', address(7))]
    const [group] = groupBalances([balance(2, 20n), balance(3, 20n), balance(4, 20n)], registrations, clocks)
    expect(group?.members.map(({ merchant, reserve }) => ({ merchant, reserve }))).toEqual([
      { merchant: address(3), reserve: 19n },
      { merchant: address(4), reserve: 0n },
    ])
  })

  test('lets a change hold when its time has come on the chain', () => {
    const change = registration(2, { tier: 3, nonce: 2n, effectiveAt: 5_001 })
    const tierAt = (now: number) =>
      groupBalances([balance(2, 1n)], [registration(2), change], [{ chainId: 1, now, settler }])[0]?.tier
    expect([tierAt(5_000), tierAt(5_001)]).toEqual([1, 3])
  })
})
