import { describe, expect, test } from 'vitest'
import { planDeliveries } from '../src/jobs/deliver.ts'
import { address, messageView } from './support/views.ts'

const GRACE = 20
const at = (now: number) => new Map([[2, now]])
const plan = (messages: Parameters<typeof planDeliveries>[0], now: number) =>
  planDeliveries(messages, at(now), { graceSeconds: GRACE, allows: () => true })
const stepsAt = (message: ReturnType<typeof messageView>, now: number) =>
  plan([message], now).flatMap((action) => action.messages.map(({ step }) => step))

describe('planDeliveries', () => {
  test('commits what was sent, after the grace', () => {
    expect(stepsAt(messageView(), 1_019)).toEqual([])
    expect(stepsAt(messageView(), 1_020)).toEqual(['commit'])
  })

  test('receives what was verified, after the grace', () => {
    const verified = messageView({ status: 'verified', verifiedAt: 1_100 })
    expect(stepsAt(verified, 1_119)).toEqual([])
    expect(stepsAt(verified, 1_120)).toEqual(['receive'])
  })

  test('credits what was delivered, after the grace', () => {
    const delivered = messageView({ status: 'delivered', verifiedAt: 1_100, deliveredAt: 1_200 })
    expect(stepsAt(delivered, 1_219)).toEqual([])
    expect(stepsAt(delivered, 1_220)).toEqual(['compose'])
  })

  test('leaves a plain transfer that has arrived', () => {
    const plain = messageView({ status: 'delivered', deliveredAt: 1_200, composeMsg: '0x' })
    expect(stepsAt(plain, 9_000)).toEqual([])
  })

  test.each(['credited', 'returnable', 'returned'] as const)('leaves a message that is %s', (status) => {
    expect(stepsAt(messageView({ status, isOpen: false, verifiedAt: 1, deliveredAt: 1 }), 9_000)).toEqual([])
  })

  test('puts the messages of a pathway in the order of their nonces', () => {
    const messages = [3n, 1n, 2n].map((nonce) => messageView({ nonce, status: 'verified', verifiedAt: 1_000 }))
    const [action, ...others] = plan(messages, 2_000)
    expect(others).toEqual([])
    expect(action?.messages.map(({ guid }) => BigInt(guid))).toEqual([1n, 2n, 3n])
  })

  test('keeps pathways apart', () => {
    const other = messageView({ sender: `0x${'11'.repeat(32)}` })
    expect(plan([messageView(), other], 2_000).map((action) => action.messages.length)).toEqual([1, 1])
  })

  test('leaves messages to chains it does not serve', () => {
    expect(planDeliveries([messageView()], new Map([[1, 9_000]]), { graceSeconds: GRACE, allows: () => true })).toEqual(
      [],
    )
  })

  test('goes by the time of the source for what it sent, where that is ahead', () => {
    const clocks = (source: number) =>
      new Map([
        [1, source],
        [2, 900],
      ])
    const steps = (source: number, message: ReturnType<typeof messageView>) =>
      planDeliveries([message], clocks(source), { graceSeconds: GRACE, allows: () => true }).flatMap(({ messages }) =>
        messages.map(({ step }) => step),
      )
    expect([steps(1_019, messageView()), steps(1_020, messageView())]).toEqual([[], ['commit']])
    expect(steps(1_020, messageView({ status: 'verified', verifiedAt: 1_000 }))).toEqual([])
  })

  test('takes a long queue in parts', () => {
    const messages = Array.from({ length: 200 }, (_, index) => messageView({ nonce: BigInt(index + 1) }))
    expect(plan(messages, 2_000)[0]?.messages).toHaveLength(120)
  })

  test('names the pathway by its ends', () => {
    expect(plan([messageView()], 2_000)[0]).toMatchObject({
      chainId: 2,
      pathway: expect.stringMatching(new RegExp(`^40001:0x0+7:40002:0x0+8$`)),
    })
    expect(address(7)).toMatch(/7$/)
  })
})
