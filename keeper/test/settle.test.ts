import { describe, expect, test } from 'vitest'
import { MAX_MEMBERS, splitMembers } from '../src/jobs/members.ts'
import { createSettleJob, pairOpposites, planSettlements } from '../src/jobs/settle.ts'
import { address, groupView } from './support/views.ts'

const at = (now: number) => new Map([[1, now]])
const member = (number: number, changes = {}) => ({
  merchant: address(number),
  balance: 10n,
  reserve: 0n,
  since: 1_000,
  cycle: 0,
  ...changes,
})

describe('planSettlements', () => {
  test('settles balances without a cycle as they arrive', () => {
    const actions = planSettlements([groupView([member(1)])], at(1_000))
    expect(actions).toEqual([
      {
        chainId: 1,
        group: { token: address(3), asset: address(5), eid: 40_001, tier: 0 },
        merchants: [address(1)],
        opposite: null,
      },
    ])
  })

  test('waits for the end of the cycle that a balance arrived in', () => {
    const group = groupView([member(1, { since: 1_001, cycle: 100 })])
    expect(planSettlements([group], at(1_099))).toEqual([])
    expect(planSettlements([group], at(1_100))).toHaveLength(1)
  })

  test('counts a balance that arrived at the boundary as due', () => {
    expect(planSettlements([groupView([member(1, { since: 1_000, cycle: 100 })])], at(1_000))).toHaveLength(1)
  })

  test('puts those who wait longest first and leaves out who is not due or has nothing but its reserve', () => {
    const group = groupView([
      member(1, { since: 900 }),
      member(2, { since: 800 }),
      member(3, { balance: 10n, reserve: 10n }),
      member(5, { balance: 10n, reserve: 9n, since: 950 }),
      member(4, { since: 1_950, cycle: 100 }),
    ])
    expect(planSettlements([group], at(1_990))[0]?.merchants).toEqual([address(2), address(1), address(5)])
  })

  test('leaves groups without anybody due, and chains it does not serve', () => {
    const groups = [groupView([]), groupView([member(1)], { chainId: 2 })]
    expect(planSettlements(groups, at(2_000))).toEqual([])
  })
})

describe('pairOpposites', () => {
  const [x, y] = [address(3), address(5)]
  const eids = new Map([
    [1, 40_001],
    [2, 40_002],
  ])
  const toY = groupView([member(1)], { token: x, asset: y })
  const toX = groupView([member(2)], { token: y, asset: x, tier: 1 })
  const pairs = (...groups: ReturnType<typeof groupView>[]) =>
    pairOpposites(planSettlements(groups, new Map([...at(2_000), [2, 2_000]])), eids)

  test('puts two groups together of which each has what the other wants, whatever their tiers and order', () => {
    const [paired] = planSettlements([toY], at(2_000))
    const [opposite] = planSettlements([toX], at(2_000))
    const expected = [{ ...paired, opposite: { group: opposite?.group, merchants: opposite?.merchants } }]
    expect(pairs(toY, toX)).toEqual(expected)
    expect(pairs(toX, toY)).toEqual(expected)
  })

  test('puts each group into one pair at most', () => {
    const actions = pairs(toY, toX, { ...toX, tier: 2 })
    expect(actions.map(({ group, opposite }) => [group.token, opposite?.group.tier])).toEqual([
      [x, 1],
      [y, undefined],
    ])
  })

  test.each([
    ['on other chains', toY, { ...toX, chainId: 2 }],
    ['that are paid out elsewhere', { ...toY, eid: 40_002 }, { ...toX, eid: 40_002 }],
    ['of which one is paid out elsewhere', toY, { ...toX, eid: 40_002 }],
    ['that want something else', toY, { ...toX, asset: address(7) }],
    ['that want what they have', { ...toY, asset: x }, { ...toY, asset: x, tier: 1 }],
  ])('leaves groups apart %s', (_, a, b) => {
    expect(pairs(a, b).map(({ opposite }) => opposite)).toEqual([null, null])
  })
})

describe('splitMembers', () => {
  const LIMIT = 100
  const sizes = (count: number) =>
    splitMembers(
      Array.from({ length: count }, (_, i) => address(i + 1)),
      LIMIT,
    ).map((part) => part.length)

  test.each([
    { members: 0, parts: [] },
    { members: 1, parts: [1] },
    { members: 100, parts: [100] },
    { members: 101, parts: [100, 1] },
    { members: 250, parts: [100, 100, 50] },
  ])('puts $members members into parts of $parts', ({ members, parts }) => {
    expect(sizes(members)).toEqual(parts)
  })

  test('keeps everybody, those who wait longest first', () => {
    const members = Array.from({ length: 250 }, (_, i) => member(i + 1, { since: 1_000 - i }))
    const merchants = planSettlements([groupView(members)], at(2_000))[0]?.merchants ?? []
    const oldestFirst = Array.from({ length: 250 }, (_, i) => address(250 - i))
    expect(splitMembers(merchants, LIMIT).flat()).toEqual(oldestFirst)
  })

  test('holds no more than the gas of a transaction suffices for', () => {
    expect(MAX_MEMBERS).toBe(124)
  })
})

describe('createSettleJob', () => {
  test('names a group by what makes it one, whatever the case of its addresses', () => {
    const job = createSettleJob({ minSettleUsdWad: 0n })
    const [action] = planSettlements(
      [groupView([member(1)], { token: '0x00000000000000000000000000000000000000AB' })],
      at(2_000),
    )
    expect(action && job.key(action)).toBe(`0x00000000000000000000000000000000000000ab:${address(5)}:40001:0`)
    expect(job.schema.parse(action)).toEqual(action)
    const crossed = action && { ...action, opposite: { group: action.group, merchants: [address(9)] } }
    expect(job.schema.parse(crossed)).toEqual(crossed)
  })
})
