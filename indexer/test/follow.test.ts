import { describe, expect, test } from 'vitest'
import { openBook } from '../src/follow/book.ts'
import { followPayment } from '../src/follow/payment.ts'
import { A, address, B, createWorld, payoutAccountOf, token, type WorldPayment } from './world.ts'

type World = ReturnType<typeof createWorld>
const merchant = address(1)
const other = address(2)

function followed(world: World, { payment, ...facts }: WorldPayment) {
  return followPayment(payment, { ...facts, book: openBook(world.facts) })
}

function captured(world: World, amount: bigint, to = merchant): WorldPayment {
  const made = world.authorize({ merchant: to, token: token.weth, maxAmount: amount })
  world.capture(made, amount)
  return made
}

describe('followPayment on one chain', () => {
  test('is authorized while held, voided or reclaimed after', () => {
    const world = createWorld()
    const made = world.authorize({ merchant, token: token.weth, maxAmount: 10n })
    expect(followed(world, made).status).toBe('authorized')
    world.end(made, 'reclaimed')
    expect(followed(world, made).status).toBe('reclaimed')
    expect(followed(world, made).timeline.map(({ name, amount }) => [name, amount])).toEqual([
      ['authorized', 10n],
      ['reclaimed', 10n],
    ])
  })

  test('is captured until its units leave, settled once all were paid', () => {
    const world = createWorld()
    const made = captured(world, 100n)
    expect(followed(world, made).status).toBe('captured')
    const tokens = { chainId: A, token: token.weth, delivered: token.usdcA }
    world.settle({ ...tokens, members: [{ merchant, amountIn: 60n, amountOut: 6n }] })
    expect(followed(world, made).status).toBe('settling')
    world.settle({ ...tokens, members: [{ merchant, amountIn: 40n, amountOut: 4n }] })
    const { status, payouts, timeline } = followed(world, made)
    expect(status).toBe('settled')
    expect(payouts.map(({ amountIn, amountOut }) => [amountIn, amountOut])).toEqual([
      [60n, 6n],
      [40n, 4n],
    ])
    expect(timeline.map((step) => step.name)).toEqual([
      'authorized',
      'captured',
      'converted',
      'paid',
      'converted',
      'paid',
    ])
  })

  test('converts nothing where the merchant wants what the payer paid', () => {
    const world = createWorld()
    const made = captured(world, 100n)
    world.settle({
      chainId: A,
      token: token.weth,
      delivered: token.weth,
      members: [{ merchant, amountIn: 100n, amountOut: 99n }],
      tip: 1n,
    })
    const { payouts, timeline } = followed(world, made)
    expect(timeline.map((step) => step.name)).toEqual(['authorized', 'captured', 'paid'])
    expect(payouts[0]?.tip).toBe(1n)
  })

  test('charges no tip to whom it was given back', () => {
    const world = createWorld()
    const paid = captured(world, 100n)
    const blocked = captured(world, 100n, other)
    const members = [
      { merchant, amountIn: 100n, amountOut: 990n },
      { merchant: other, amountIn: 100n, amountOut: 1_000n },
    ]
    world.settle({ chainId: A, token: token.weth, delivered: token.usdcA, members, tip: 10n })
    expect(followed(world, paid).payouts[0]?.tip).toBe(10n)
    expect(followed(world, blocked).payouts[0]?.tip).toBe(0n)
  })

  test('consumes the oldest credit first, whatever took it', () => {
    const world = createWorld()
    const first = captured(world, 50n)
    const second = captured(world, 50n)
    world.withdraw({ chainId: A, account: merchant, token: token.weth }, 30n)
    world.settle({
      chainId: A,
      token: token.weth,
      delivered: token.usdcA,
      members: [{ merchant, amountIn: 70n, amountOut: 7n }],
    })
    expect(followed(world, first).status).toBe('withdrawn')
    expect(followed(world, first).payouts.map((share) => share.amountOut)).toEqual([2n])
    expect(followed(world, second).status).toBe('settled')
    expect(followed(world, second).payouts.map((share) => share.amountOut)).toEqual([5n])
  })

  test('follows every part of a payment captured in parts, and is not settled while one may follow', () => {
    const world = createWorld()
    const made = world.authorize({ merchant, token: token.weth, maxAmount: 100n })
    world.capture(made, 30n, { isFinal: false })
    captured(world, 5n)
    const settleAll = () => {
      const amountIn = world.balanceOf({ chainId: A, account: merchant, token: token.weth })
      world.settle({
        chainId: A,
        token: token.weth,
        delivered: token.usdcA,
        members: [{ merchant, amountIn, amountOut: amountIn }],
      })
    }
    settleAll()
    expect(followed(world, made).status).toBe('settling')
    world.capture(made, 20n, { isFinal: false, fee: 2n })
    world.end(made, 'voided')
    settleAll()
    expect(followed(world, made).status).toBe('settled')
    expect(followed(world, made).payouts.map((share) => share.amountOut)).toEqual([30n, 18n])
  })

  test('is settled when the fee took all of it', () => {
    const world = createWorld()
    const made = world.authorize({ merchant, token: token.weth, maxAmount: 10n })
    world.capture(made, 10n, { fee: 10n })
    expect(followed(world, made).status).toBe('settled')
  })

  test('takes a refund out of the oldest credit, and does not call it a withdrawal', () => {
    const world = createWorld()
    const first = captured(world, 50n)
    const second = captured(world, 50n)
    world.refund(second, 30n)
    const members = [{ merchant, amountIn: 70n, amountOut: 7n }]
    world.settle({ chainId: A, token: token.weth, delivered: token.usdcA, members })

    expect(followed(world, first)).toMatchObject({
      status: 'settled',
      spentOnRefunds: [{ chainId: A, token: token.weth, amount: 30n, refundOf: second.payment.id }],
    })
    expect(followed(world, first).timeline.map(({ name, amount }) => [name, amount])).toEqual([
      ['authorized', 50n],
      ['captured', 50n],
      ['spentOnRefund', 30n],
      ['converted', 2n],
      ['paid', 2n],
    ])
    expect(followed(world, second).spentOnRefunds).toEqual([])
    expect(followed(world, second).timeline.map(({ name }) => name)).toEqual([
      'authorized',
      'captured',
      'refunded',
      'converted',
      'paid',
    ])
  })

  test('shows a refund out of its own units once', () => {
    const world = createWorld()
    const made = captured(world, 50n)
    world.refund(made, 50n)
    expect(followed(world, made).status).toBe('settled')
    expect(followed(world, made).timeline.map(({ name }) => name)).toEqual(['authorized', 'captured', 'refunded'])
  })

  test('is disputed until it is split, resolved if nothing of it was captured', () => {
    const world = createWorld()
    const [won, lost] = [1, 2].map(() => world.authorize({ merchant, token: token.weth, maxAmount: 10n }))
    if (!won || !lost) throw new Error('two payments were authorized')
    for (const made of [won, lost]) world.intervene(made, 'disputed')
    expect(followed(world, won).status).toBe('disputed')
    world.resolve(won, 4n)
    world.resolve(lost, 0n)
    expect(followed(world, won).status).toBe('captured')
    expect(followed(world, lost).status).toBe('resolved')
    expect(followed(world, won).timeline.map(({ name, amount }) => [name, amount])).toEqual([
      ['authorized', 10n],
      ['disputed', null],
      ['resolved', 4n],
    ])
  })

  test('is charged where one transaction authorized and captured it, and tells of a freeze', () => {
    const world = createWorld()
    const made = captured(world, 10n)
    for (const capture of made.captures) capture.hash = made.payment.hash
    expect(followed(world, made).timeline.map(({ name, amount }) => [name, amount])).toEqual([['charged', 10n]])

    const held = world.authorize({ merchant, token: token.weth, maxAmount: 10n })
    world.intervene(held, 'frozen')
    expect(followed(world, held)).toMatchObject({
      status: 'authorized',
      timeline: [{}, { name: 'frozen', amount: null }],
    })
  })

  test('leaves what other merchants, tokens and chains have alone', () => {
    const world = createWorld()
    const made = captured(world, 10n)
    captured(world, 10n, other)
    world.withdraw({ chainId: A, account: other, token: token.weth }, 10n)
    expect(followed(world, made).status).toBe('captured')
  })
})

describe('followPayment across chains', () => {
  const sent = { chainId: A, token: token.weth, delivered: token.matiA, isSent: true }

  test('maps units through the message to the other ledger and on to the payout there', () => {
    const world = createWorld()
    const first = captured(world, 300n)
    const second = captured(world, 100n)
    captured(world, 100n, other)
    const members = [
      { merchant, amountIn: 400n, amountOut: 3_960n },
      { merchant: other, amountIn: 100n, amountOut: 960n },
    ]
    const { guid, payouts } = world.settle({ ...sent, members, tip: 40n, messageRepaid: 40n })
    expect(followed(world, second).status).toBe('settling')
    world.deliver(guid ?? '0x', payouts)
    const arrivedIn = payoutAccountOf(merchant)
    const onB = { chainId: B, token: token.matiB, delivered: token.usdcB }
    world.settle({ ...onB, members: [{ merchant: arrivedIn, amountIn: 2_970n, amountOut: 297n }] })
    expect(followed(world, first).status).toBe('settled')
    expect(followed(world, second).status).toBe('settling')
    world.settle({ ...onB, members: [{ merchant: arrivedIn, amountIn: 990n, amountOut: 98n }] })

    const { status, payouts: shares, timeline } = followed(world, second)
    expect(status).toBe('settled')
    expect(shares.map(({ chainId, amountIn, amountOut }) => [chainId, amountIn, amountOut])).toEqual([
      [A, 100n, 990n],
      [B, 990n, 98n],
    ])
    expect(timeline.map(({ name, chainId, amount }) => [name, chainId, amount])).toEqual([
      ['authorized', A, 100n],
      ['captured', A, 100n],
      ['converted', A, 990n],
      ['sent', A, 990n],
      ['verified', B, 990n],
      ['delivered', B, 990n],
      ['credited', B, 990n],
      ['converted', B, 98n],
      ['paid', B, 98n],
    ])
  })

  test('gives each payment its part of tip and message fee: tips by balance, the message by head', () => {
    const world = createWorld()
    const big = captured(world, 300n)
    const small = captured(world, 100n, other)
    const members = [
      { merchant, amountIn: 300n, amountOut: 300_000n - 3_000n - 500n },
      { merchant: other, amountIn: 100n, amountOut: 100_000n - 1_000n - 500n },
    ]
    world.settle({ ...sent, members, tip: 4_000n, messageRepaid: 1_000n })
    expect(followed(world, big).payouts[0]).toMatchObject({ tip: 3_000n, messageRepaid: 500n })
    expect(followed(world, small).payouts[0]).toMatchObject({ tip: 1_000n, messageRepaid: 500n })
  })

  test('waits for what one chain has not told yet', () => {
    const world = createWorld()
    const made = captured(world, 100n)
    const { guid, payouts } = world.settle({ ...sent, members: [{ merchant, amountIn: 100n, amountOut: 50n }] })
    world.deliver(guid ?? '0x', payouts)
    const { status, timeline } = followPayment(made.payment, {
      ...made,
      book: openBook({ ...world.facts, arrivals: [] }),
    })
    expect(status).toBe('settling')
    expect(timeline.at(-1)?.name).toBe('delivered')
    expect(
      followPayment(made.payment, {
        ...made,
        book: openBook({ ...world.facts, payouts: [], settlements: [] }),
      }).status,
    ).toBe('captured')
  })

  test('never lets a timeline run backwards, though clocks differ', () => {
    const world = createWorld()
    const made = captured(world, 100n)
    const { guid, payouts } = world.settle({ ...sent, members: [{ merchant, amountIn: 100n, amountOut: 50n }] })
    world.deliver(guid ?? '0x', payouts)
    for (const fact of [...world.facts.messageSteps, ...world.facts.arrivals]) fact.timestamp -= 500
    const { timeline } = followed(world, made)
    expect(timeline.map((step) => step.name)).toEqual([
      'authorized',
      'captured',
      'converted',
      'sent',
      'verified',
      'delivered',
      'credited',
    ])
    expect(timeline.map((step) => step.timestamp)).toEqual(
      timeline.map((step) => step.timestamp).toSorted((a, b) => a - b),
    )
  })
})
