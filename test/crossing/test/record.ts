/**
 * What must add up: two chains and an index on which two payments and a message of each kind came to their end. Tests
 * falsify something of it.
 */
import { deriveAccounts } from '@mati/devnet'
import type { PaymentView, PayoutShare } from '@mati/sdk'
import { type Address, concat, type Hex, numberToHex, pad, zeroHash } from 'viem'
import { GENESIS } from '../../../demo/src/config.ts'
import { UNIT, type Who } from '../../drills/world.ts'
import { createBook, type Merchant, type PaymentEntry, type SendEntry } from '../book.ts'
import { type Reckoning, reckon, takeBaseline } from '../reckon.ts'
import { matiOn, type Stage, tokensOn } from '../stage.ts'
import { type MadeUpChain, makeUpChain, someone } from './made-up-chain.ts'

const idOf = (n: number): Hex => numberToHex(n, { size: 32 })

/** Who and what it is about. */
export const ids = {
  merchant: someone(2),
  account: someone(3),
  firstRecipient: someone(4),
  secondRecipient: someone(5),
  holder: someone(6),
  ledgerHolder: someone(7),
  settlement: idOf(0xa1),
  transfer: idOf(0xa2),
  payout: idOf(0xa3),
  unreadable: idOf(0xa4),
  return: idOf(0xa5),
  stranger: idOf(0xa6),
  paymentOnA: idOf(0xb1),
  paymentOnB: idOf(0xb2),
}
export const accounts = deriveAccounts()
export const strangerSender = pad(accounts.merchant1.address)

const shared = (amount: bigint) => numberToHex(amount / UNIT, { size: 8 })
export const transferOf = (recipient: Address, amount: bigint) => concat([pad(recipient), shared(amount)])
const payoutOf = (gateway: Address, account: Address, amount: bigint) =>
  concat([transferOf(gateway, amount), pad(gateway), '0x01', account, shared(amount)])

export type World = ReturnType<typeof createWorld>

/** Payers have something; nothing has happened yet. */
function createWorld() {
  const [a, b] = [makeUpChain('a', 1), makeUpChain('b', 2)]
  for (const { chain, give } of [a, b]) {
    for (const name of ['payer1', 'payer2', 'payer3', 'payer4', 'deployer'] as const) {
      for (const token of tokensOn(chain)) give(token, accounts[name].address, 1_000n * UNIT)
    }
  }
  const messages: { guid: Hex; status: string; amount: bigint }[] = []
  const payments: PaymentView[] = []
  const api = { getMessages: async () => messages, getPayments: async () => payments }
  const book = createBook()
  const stage = { stack: { accounts, api }, chains: [a.chain, b.chain], book } as unknown as Stage
  return { a, b, book, messages, payments, stage }
}

/** What is found to differ after `falsify` has changed something of what came to its end. */
export async function reckonAfter(falsify: (world: World) => void): Promise<Reckoning> {
  const world = createWorld()
  const baseline = await takeBaseline(world.stage)
  const merchant: Merchant = {
    address: ids.merchant,
    home: world.b.chain,
    asset: world.b.chain.tokens.usdc,
    recipients: [
      { account: ids.firstRecipient, shareBps: 6_000 },
      { account: ids.secondRecipient, shareBps: 4_000 },
    ],
    account: ids.account,
    sources: world.stage.chains,
  }
  world.book.merchants.push(merchant)
  payAcross(world, merchant)
  payHere(world, merchant)
  sendAll(world)
  falsify(world)
  return reckon(world.stage, baseline)
}

type Settlement = Pick<PayoutShare, 'token' | 'asset' | 'amountIn' | 'amountOut' | 'tip' | 'messageRepaid' | 'guid'>

/** Of one member. @returns How the index tells it. */
function settle({ chain, logs, tell, give }: MadeUpChain, member: Address, settlement: Settlement): PayoutShare {
  const { token, asset, amountIn, amountOut, tip, messageRepaid, guid } = settlement
  const id = idOf(logs.Settled.length)
  logs.Settled.push({
    id,
    keeper: accounts.keeper.address,
    token,
    group: { asset },
    guid: guid ?? zeroHash,
    amountIn,
    received: amountOut + tip + messageRepaid,
    tip,
    messageRepaid,
  })
  logs.PaidOut.push({ id, merchant: member, amountIn, amountOut })
  tell('escrow', 'ledger', [member, token], { credited: amountIn, debited: amountIn })
  give(asset, accounts.keeper.address, tip + messageRepaid)
  const rate = { wad: 10n ** 18n, baseRoundId: 1n, quoteRoundId: 1n, updatedAt: 1 }
  return { ...settlement, settlementId: id, chainId: chain.deployment.chainId, rate }
}

type Paid = { id: Hex; payer: Who; token: Address; due: bigint; maxAmount: bigint; fee: bigint; payouts: PayoutShare[] }

function pay({ book, payments }: World, on: MadeUpChain, merchant: Merchant, paid: Paid): void {
  const { id, payer, token, due, maxAmount, fee, payouts } = paid
  const { chain } = on
  book.payments.push({ id, chain, payer, merchant, payment: { token, due, maxAmount } as PaymentEntry['payment'] })
  on.tell('escrow', 'paymentState', [id], { held: 0n, captured: due })
  on.tell('escrow', 'balanceOf', [accounts.relayer.address, token], fee)
  on.give(token, accounts[payer].address, -due)
  on.give(token, chain.deployment.contracts.escrow, fee)
  const view: Partial<PaymentView> = {
    id,
    chainId: chain.deployment.chainId,
    status: 'settled',
    token,
    currency: token,
    due,
    maxAmount,
    held: 0n,
    captured: due,
    returned: maxAmount - due,
    capturedDue: due,
    fee,
    rate: null,
    payouts,
    spentOnRefunds: [],
  }
  payments.push(view as PaymentView)
}

/** WETH on a, settled as MATI, sent to b, settled there as USDC. */
function payAcross(world: World, merchant: Merchant): void {
  const { a, b, messages } = world
  const [matiA, matiB, weth] = [matiOn(a.chain), matiOn(b.chain), a.chain.tokens.weth]
  const there = settle(a, ids.merchant, {
    token: weth,
    asset: matiA,
    amountIn: 9_950n,
    amountOut: 95n * UNIT,
    tip: 3n * UNIT,
    messageRepaid: 2n * UNIT,
    guid: ids.settlement,
  })
  a.send(b.chain, ids.settlement, payoutOf(b.chain.deployment.contracts.gateway, ids.account, 95n * UNIT))
  messages.push({ guid: ids.settlement, status: 'credited', amount: 95n * UNIT })
  const here = settle(b, ids.account, {
    token: matiB,
    asset: merchant.asset,
    amountIn: 95n * UNIT,
    amountOut: 1_000n,
    tip: 1n,
    messageRepaid: 0n,
    guid: null,
  })
  b.give(merchant.asset, ids.firstRecipient, 600n)
  b.give(merchant.asset, ids.secondRecipient, 400n)
  pay(world, a, merchant, {
    id: ids.paymentOnA,
    payer: 'payer1',
    token: weth,
    due: 10_000n,
    maxAmount: 10_300n,
    fee: 50n,
    payouts: [there, here],
  })
}

/** USDC on b, paid out as it is. */
function payHere(world: World, merchant: Merchant): void {
  const { b } = world
  const payout = settle(b, ids.merchant, {
    token: merchant.asset,
    asset: merchant.asset,
    amountIn: 1_990n,
    amountOut: 1_986n,
    tip: 4n,
    messageRepaid: 0n,
    guid: null,
  })
  b.give(merchant.asset, ids.firstRecipient, 1_191n)
  b.give(merchant.asset, ids.secondRecipient, 795n)
  pay(world, b, merchant, {
    id: ids.paymentOnB,
    payer: 'payer2',
    token: merchant.asset,
    due: 2_000n,
    maxAmount: 2_000n,
    fee: 10n,
    payouts: [payout],
  })
}

/** A transfer that leaves dust, a payout to a ledger, and what comes back because nobody can read it. */
function sendAll(world: World): void {
  const { a, b, book } = world
  const [matiA, matiB] = [matiOn(a.chain), matiOn(b.chain)]
  const { transfer, payout, unreadable, holder, ledgerHolder } = ids
  send(world, a, b, { guid: transfer, sender: 'payer3', amount: 5n * UNIT + 7n, kind: 'transfer', recipient: holder })
  a.give(matiA, accounts.payer3.address, -5n * UNIT)
  b.tell('token', 'balanceOf', [holder], 5n * UNIT)

  send(world, a, b, { guid: payout, sender: 'deployer', amount: 4n * UNIT, kind: 'payout', recipient: ledgerHolder })
  a.give(matiA, accounts.deployer.address, -4n * UNIT)
  b.tell('escrow', 'balanceOf', [ledgerHolder, matiB], 4n * UNIT)
  b.give(matiB, b.chain.deployment.contracts.escrow, 4n * UNIT)

  const lost = { sender: 'payer4', amount: 3n * UNIT } as const
  const { gateway } = a.chain.deployment.contracts
  send(world, b, a, { ...lost, guid: unreadable, kind: 'unreadable', recipient: gateway })
  send(world, a, b, { ...lost, guid: ids.return, kind: 'return', recipient: accounts.payer4.address })

  // 95 of the settlement, 5, 4 and 3 one way; 3 the other.
  a.tell('token', 'sent', [b.chain.eid], 107n * UNIT)
  b.tell('token', 'received', [a.chain.eid], 107n * UNIT)
  b.tell('token', 'sent', [a.chain.eid], 3n * UNIT)
  a.tell('token', 'received', [b.chain.eid], 3n * UNIT)
  a.tell('token', 'totalSupply', [], GENESIS - 104n * UNIT)
  b.tell('token', 'totalSupply', [], 104n * UNIT)
  book.strangers.push({ guid: ids.stranger, to: b.chain, sender: strangerSender })
}

function send(
  { book, messages }: World,
  from: MadeUpChain,
  to: MadeUpChain,
  entry: Omit<SendEntry, 'from' | 'to'>,
): void {
  const { guid, kind, recipient } = entry
  book.sends.push({ ...entry, from: from.chain, to: to.chain })
  const amount = entry.amount - (entry.amount % UNIT)
  const { gateway } = to.chain.deployment.contracts
  const message = kind === 'payout' ? payoutOf(gateway, recipient, amount) : transferOf(recipient, amount)
  from.send(to.chain, guid, message)
  const status = { transfer: 'delivered', payout: 'credited', unreadable: 'returned', return: 'delivered' }[kind]
  messages.push({ guid, status, amount })
}
