import type { Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { openBook } from '../src/follow/book.ts'
import type { PayoutFact } from '../src/follow/facts.ts'
import { followPayment, type FollowedPayment } from '../src/follow/payment.ts'
import { type RandomSource, randomSource } from './random.ts'
import { A, address, B, createWorld, payoutAccountOf, token } from './world.ts'

const RUNS = 60
const MOVES = 80
const merchants = [address(1), address(2), address(3)]

describe('followPayment, random histories', () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    test(`shares of all payments add up to every payout, tip and message, seed ${seed}`, () => {
      const random = randomSource(seed)
      const world = createWorld()
      const inFlight: { guid: Hex; payouts: PayoutFact[] }[] = []
      for (let i = 0; i < MOVES; i++) move(world, random, inFlight)
      expectExactSums(world)

      // Whatever is left is brought to its end: then every payment must have reached one.
      settle(world, random, { chainId: A, isSent: false, isAll: true })
      for (const { guid, payouts } of inFlight) world.deliver(guid, payouts)
      settle(world, random, { chainId: B, isSent: false, isAll: true })
      for (const { status } of expectExactSums(world)) expect(['settled', 'withdrawn'].includes(status)).toBe(true)
    })
  }
})

type World = ReturnType<typeof createWorld>

function move(world: World, random: RandomSource, inFlight: { guid: Hex; payouts: PayoutFact[] }[]): void {
  const merchant = merchants[random.int(3)] ?? address(1)
  const kind = random.int(10)
  if (kind < 4) {
    const made = world.authorize({ merchant, token: token.weth, maxAmount: 1n << 100n })
    const captures = 1 + random.int(3)
    for (let i = 1; i <= captures; i++) {
      const amount = 1n + random.bigint(10n ** 21n)
      world.capture(made, amount, { isFinal: i === captures, fee: random.int(2) === 0 ? 0n : random.bigint(amount) })
    }
  } else if (kind < 5) {
    const ledger =
      random.int(2) === 0
        ? { chainId: A, token: token.weth, account: merchant }
        : { chainId: B, token: token.matiB, account: payoutAccountOf(merchant) }
    const amount = random.bigint(world.balanceOf(ledger) + 1n)
    const refundable = world.payments.find(({ payment }) => payment.merchant === merchant && payment.captured > 0n)
    if (amount === 0n) return
    if (refundable && ledger.chainId === A && random.int(2) === 0) world.refund(refundable, amount)
    else world.withdraw(ledger, amount)
  } else if (kind < 8) {
    const settled = settle(world, random, { chainId: A, isSent: random.int(3) > 0, isAll: false })
    if (settled?.guid) inFlight.push({ guid: settled.guid, payouts: settled.payouts })
  } else if (kind < 9) {
    // In any order.
    const [message] = inFlight.splice(random.int(inFlight.length || 1), 1)
    if (message) world.deliver(message.guid, message.payouts)
  } else {
    settle(world, random, { chainId: B, isSent: false, isAll: false })
  }
}

interface SettleChoice {
  chainId: number
  isSent: boolean
  isAll: boolean
}

function settle(world: World, random: RandomSource, { chainId, isSent, isAll }: SettleChoice) {
  const ledgerToken = chainId === A ? token.weth : token.matiB
  const delivered = isSent ? token.matiA : chainId === A ? token.usdcA : token.usdcB
  const accounts = chainId === A ? merchants : merchants.map(payoutAccountOf)
  const members = accounts.flatMap((merchant) => {
    const balance = world.balanceOf({ chainId, account: merchant, token: ledgerToken })
    const amountIn = isAll || random.int(2) === 0 ? balance : random.bigint(balance + 1n)
    return amountIn === 0n ? [] : [{ merchant, amountIn, amountOut: random.bigint(10n ** 20n) }]
  })
  if (members.length === 0) return null
  const costs = { tip: random.bigint(10n ** 15n), messageRepaid: isSent ? random.bigint(10n ** 15n) : 0n }
  return world.settle({ chainId, token: ledgerToken, delivered, members, isSent, ...costs })
}

function expectExactSums(world: World): FollowedPayment[] {
  const book = openBook(world.facts)
  const all = world.payments.map((made) => followPayment(made.payment, { ...made, book }))
  const shares = Map.groupBy(
    all.flatMap((one) => one.payouts),
    (share) => share.settlementId,
  )
  for (const settlement of world.facts.settlements) {
    const sum = { amountIn: 0n, amountOut: 0n, tip: 0n, messageRepaid: 0n }
    for (const share of shares.get(settlement.id) ?? []) {
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += share[key]
    }
    const members = world.facts.payouts.filter((payout) => payout.settlementId === settlement.id)
    expect(sum).toEqual({
      amountIn: members.reduce((total, { low, high }) => total + high - low, 0n),
      amountOut: members.reduce((total, { amountOut }) => total + amountOut, 0n),
      tip: settlement.tip,
      messageRepaid: settlement.messageRepaid,
    })
  }
  return all
}
