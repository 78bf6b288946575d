/** Compares what must have become of everything with what chains and index say, to the unit. */
import type { Address, Hex } from 'viem'
import { booksOf } from '../../demo/src/books.ts'
import { GENESIS } from '../../demo/src/config.ts'
import { type Chain, contractsOf, look, UNIT } from '../drills/world.ts'
import { FEE_BPS, type Merchant, type PaymentEntry, type SendEntry } from './book.ts'
import { type Carried, messagesFrom, type Settlement, settlementsOn } from './chain-books.ts'
import { matiOn, payers, type Stage, tokensOn } from './stage.ts'

const BPS = 10_000n

export type Baseline = { blocks: Map<Chain, bigint>; amounts: Map<string, bigint> }

/** How much there is of each thing that changes: told by name. */
type Amounts = Map<string, bigint>

const on = (chain: Chain, what: string) => `${what} on ${chain.name}`
const symbolOf = (chain: Chain, token: Address) => ['USDC', 'WETH', 'MATI'][tokensOn(chain).indexOf(token)] ?? token

/** What payers, holders, keeper and fee receiver have, and what every pathway has carried. */
async function readAmounts({ chains, stack: { accounts } }: Stage): Promise<Amounts> {
  const amounts: Amounts = new Map()
  const note = async (what: string, amount: Promise<bigint>) => void amounts.set(what, await amount)
  await Promise.all(
    chains.flatMap((chain) => [
      ...tokensOn(chain).flatMap((token) => {
        const symbol = symbolOf(chain, token)
        const fees = look(chain, 'escrow', 'balanceOf', [accounts.relayer.address, token])
        return [
          ...([...payers, 'keeper', 'deployer', 'guardian'] as const).map((name) =>
            note(on(chain, `${symbol} of ${name}`), chain.balanceOf(token, accounts[name].address)),
          ),
          note(on(chain, `${symbol} of the fee receiver`), fees),
        ]
      }),
      ...chains
        .filter((other) => other !== chain)
        .flatMap((other) => [
          note(on(chain, `sent to ${other.name}`), look(chain, 'token', 'sent', [other.eid])),
          note(on(chain, `received from ${other.name}`), look(chain, 'token', 'received', [other.eid])),
        ]),
    ]),
  )
  return amounts
}

/** Before anything that is in the book. */
export async function takeBaseline(stage: Stage): Promise<Baseline> {
  const blocks = await Promise.all(
    stage.chains.map(async (chain) => [chain, (await chain.client.getBlockNumber()) + 1n] as const),
  )
  return { blocks: new Map(blocks), amounts: await readAmounts(stage) }
}

export type Reckoning = {
  /** Whatever differs; nothing if every unit is accounted for. */
  differences: string[]
  settlements: Settlement[]
  messages: Carried[]
  /** By what a message was and how it ended. */
  ends: Map<string, number>
  /** MATI that rounding to shared decimals left with its senders. */
  dust: bigint
}

export async function reckon(stage: Stage, baseline: Baseline): Promise<Reckoning> {
  const { chains, book } = stage
  const since = (chain: Chain) => baseline.blocks.get(chain) ?? 0n
  const settlements = (await Promise.all(chains.map((chain) => settlementsOn(chain, since(chain))))).flat()
  const messages = (await Promise.all(chains.map((chain) => messagesFrom(chain, since(chain))))).flat()
  const differences: string[] = []
  const compare: Compare = (what, expected, actual) => {
    if (expected !== actual) differences.push(`${what}: must be ${expected}, is ${actual}`)
  }

  const changes = changesOf(stage, settlements, messages)
  for (const [what, amount] of await readAmounts(stage)) {
    compare(what, (baseline.amounts.get(what) ?? 0n) + (changes.get(what) ?? 0n), amount)
  }
  checkSettlements(stage, settlements, messages, compare)
  await Promise.all([
    ...book.payments.map((payment) => checkPayment(payment, compare)),
    ...book.sends.map((send) => checkSend(send, compare)),
    ...book.merchants.map((merchant) => checkMerchant(stage, merchant, { settlements, messages }, compare)),
    ...book.strangers.map(async ({ guid, to, sender }) => {
      for (const other of chains.filter((chain) => chain !== to)) {
        const args = [matiOn(to), other.eid, sender]
        compare(`${guid} of a stranger, on ${to.name}`, 0n, await look(to, 'endpoint', 'inboundNonce', args))
      }
    }),
    ...chains.map((chain) => checkHoldings(stage, chain, compare)),
  ])
  const supplies = await Promise.all(chains.map((chain) => look(chain, 'token', 'totalSupply')))
  compare('supply of MATI', GENESIS, sum(supplies))

  const ends = await checkIndex(stage, { settlements, messages }, compare)
  const dust = sum(book.sends.map(({ amount }) => amount % UNIT))
  return { differences, settlements, messages, ends, dust }
}

type Compare = (what: string, expected: bigint | string, actual: bigint | string) => void

const feeOf = (due: bigint) => (due * FEE_BPS) / BPS
const cut = (amount: bigint) => amount - (amount % UNIT)
const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)

/** What payments, sends and keepers' earnings must have changed. */
function changesOf({ book, chains }: Stage, settlements: readonly Settlement[], messages: readonly Carried[]): Amounts {
  const changes: Amounts = new Map()
  const add = (what: string, amount: bigint) => changes.set(what, (changes.get(what) ?? 0n) + amount)
  for (const { chain, payer, payment } of book.payments) {
    const symbol = symbolOf(chain, payment.token)
    add(on(chain, `${symbol} of ${payer}`), -payment.due)
    add(on(chain, `${symbol} of the fee receiver`), feeOf(payment.due))
  }
  for (const { from, to, sender, amount, kind } of book.sends) {
    if (kind === 'return') add(on(to, `MATI of ${sender}`), amount)
    else add(on(from, `MATI of ${sender}`), -cut(amount))
    addWay(from, to, cut(amount))
  }
  const carried = new Map(messages.map((message) => [message.packet.guid, message]))
  for (const { chain, out, tip, messageRepaid, guid, members } of settlements) {
    add(on(chain, `${symbolOf(chain, out)} of keeper`), tip + messageRepaid)
    const to = chains.find(({ eid }) => guid !== null && eid === carried.get(guid)?.packet.dstEid)
    if (to) addWay(chain, to, sum(members.map(({ amountOut }) => amountOut)))
  }
  return changes

  function addWay(from: Chain, to: Chain, amount: bigint): void {
    add(on(from, `sent to ${to.name}`), amount)
    add(on(to, `received from ${from.name}`), amount)
  }
}

/** The whole due, and no more than was held less what came back. */
async function checkPayment({ id, chain, payment }: PaymentEntry, compare: Compare): Promise<void> {
  const state = await look<{ held: bigint; captured: bigint }>(chain, 'escrow', 'paymentState', [id])
  compare(`payment ${id} on ${chain.name}, captured`, payment.due, state.captured)
  compare(`payment ${id} on ${chain.name}, held`, 0n, state.held)
}

async function checkSend({ guid, to, amount, kind, recipient }: SendEntry, compare: Compare): Promise<void> {
  if (kind === 'transfer') {
    compare(`${guid}, credited`, cut(amount), await look(to, 'token', 'balanceOf', [recipient]))
  } else if (kind === 'payout') {
    compare(`${guid}, credited`, amount, await look(to, 'escrow', 'balanceOf', [recipient, matiOn(to)]))
  } else if (kind === 'unreadable') {
    const { amount: kept } = await look<{ amount: bigint }>(to, 'gateway', 'returnable', [guid])
    compare(`${guid}, still to be given back`, 0n, kept)
  }
  compare(`${guid}, waiting`, 0n, BigInt(await look<Hex>(to, 'token', 'waiting', [guid])))
}

/** Each settlement by itself, and that messages carry what settlements say and nothing else does. */
function checkSettlements(
  { book, stack }: Stage,
  settlements: readonly Settlement[],
  messages: readonly Carried[],
  compare: Compare,
): void {
  const accountOf = new Map(book.merchants.map(({ address, account }) => [address, account]))
  const carried = new Map(messages.map((message) => [message.packet.guid, message]))
  const own = new Map(book.sends.map((send) => [send.guid, send]))
  for (const settlement of settlements) {
    const { chain, token, out, amountIn, received, tip, messageRepaid, guid, members, keeper } = settlement
    const what = `settlement of ${symbolOf(chain, token)} on ${chain.name}${guid ? `, message ${guid}` : ''}`
    const paid = members.map(({ amountOut }) => amountOut)
    compare(`${what}, taken`, sum(members.map((member) => member.amountIn)), amountIn)
    compare(`${what}, brought`, sum(paid) + tip + messageRepaid, received)
    compare(`${what}, by`, stack.accounts.keeper.address, keeper)
    if (token === out) compare(`${what}, brought as it is`, amountIn, received)
    if (guid === null) continue
    const payouts = members.map(({ merchant, amountOut }) => `${accountOf.get(merchant)} ${amountOut}`)
    const message = carried.get(guid)
    compare(`${what}, payouts`, payouts.join(), (message?.payouts ?? []).map((p) => `${p.account} ${p.amount}`).join())
    compare(`${what}, carried`, sum(paid), message?.amount ?? 0n)
  }
  const known = new Set([...own.keys(), ...settlements.map(({ guid }) => guid)])
  for (const { packet, from } of messages) {
    if (!known.has(packet.guid)) compare(`${packet.guid} from ${from.name}`, 'no message', 'sent by nobody')
  }
  for (const { guid, from, amount } of own.values()) {
    compare(`${guid} from ${from.name}, carried`, cut(amount), carried.get(guid)?.amount ?? 'nothing')
  }
}

/** All that was paid to it is settled, arrived, and paid out to its recipients in their shares. */
async function checkMerchant(
  { chains, book }: Stage,
  merchant: Merchant,
  { settlements, messages }: { settlements: readonly Settlement[]; messages: readonly Carried[] },
  compare: Compare,
): Promise<void> {
  const { address, account, home, asset, recipients } = merchant
  const settledOf = (chain: Chain, member: Address, token: Address) =>
    settlements
      .filter((settlement) => settlement.chain === chain && settlement.token === token)
      .flatMap(({ members }) => members.filter((one) => one.merchant === member))
  const checkLedger = async (chain: Chain, member: Address, token: Address, paidIn: bigint) => {
    const what = `merchant ${address}, ${symbolOf(chain, token)} of ${member} on ${chain.name}`
    const ledger = await look<{ credited: bigint; debited: bigint }>(chain, 'escrow', 'ledger', [member, token])
    compare(`${what}, paid in`, paidIn, ledger.credited)
    compare(`${what}, settled`, sum(settledOf(chain, member, token).map(({ amountIn }) => amountIn)), ledger.debited)
    compare(`${what}, left`, 0n, ledger.credited - ledger.debited)
  }
  const paidOn = (chain: Chain, token: Address) =>
    book.payments.filter((one) => one.chain === chain && one.merchant === merchant && one.payment.token === token)
  await Promise.all(
    chains.flatMap((chain) =>
      tokensOn(chain).map((token) => {
        const dues = paidOn(chain, token).map(({ payment }) => payment.due - feeOf(payment.due))
        return checkLedger(chain, address, token, sum(dues))
      }),
    ),
  )
  const arrived = messages
    .filter(({ packet }) => packet.dstEid === home.eid)
    .flatMap(({ payouts }) => payouts.filter((payout) => payout.account === account))
  await checkLedger(home, account, matiOn(home), sum(arrived.map(({ amount }) => amount)))

  const paidOut = [
    ...tokensOn(home).flatMap((token) => settledOf(home, address, token)),
    ...settledOf(home, account, matiOn(home)),
  ]
  let bpsBefore = 0
  for (const { account: recipient, shareBps } of recipients) {
    const upTo = (amount: bigint, bps: number) => (amount * BigInt(bps)) / BPS
    const shares = paidOut.map(({ amountOut }) => upTo(amountOut, bpsBefore + shareBps) - upTo(amountOut, bpsBefore))
    bpsBefore += shareBps
    const [balance, owed] = await Promise.all([
      home.balanceOf(asset, recipient),
      look(home, 'escrow', 'balanceOf', [recipient, asset]),
    ])
    compare(
      `merchant ${address}, ${symbolOf(home, asset)} of recipient ${recipient} on ${home.name}`,
      sum(shares),
      balance + owed,
    )
  }
}

/** The escrow has what it owes, to the unit; nobody between has anything (invariants 1 and 9). */
async function checkHoldings({ book, stack }: Stage, chain: Chain, compare: Compare): Promise<void> {
  const { escrow, gateway, settler } = contractsOf(chain)
  const accounts = new Set<Address>([
    stack.accounts.relayer.address,
    ...book.merchants.flatMap(({ address, account, recipients }) => [
      address,
      account,
      ...recipients.map((r) => r.account),
    ]),
    ...book.sends.filter(({ kind }) => kind === 'payout').map(({ recipient }) => recipient),
  ])
  for (const token of tokensOn(chain)) {
    const symbol = symbolOf(chain, token)
    const owed = await Promise.all([...accounts].map((account) => look(chain, 'escrow', 'balanceOf', [account, token])))
    compare(on(chain, `${symbol} of the escrow`), sum(owed), await chain.balanceOf(token, escrow.address))
    for (const [name, { address }] of Object.entries({ gateway, settler })) {
      compare(on(chain, `${symbol} of the ${name}`), 0n, await chain.balanceOf(token, address))
    }
    compare(on(chain, `${symbol} of the solver`), 0n, await chain.balanceOf(token, chain.deployment.contracts.solver))
  }
}

const END = { transfer: 'delivered', payout: 'credited', unreadable: 'returned', return: 'delivered' } as const

/** That the index tells the same of every message and every payment. */
async function checkIndex(
  { stack, book, chains }: Stage,
  { settlements, messages }: { settlements: readonly Settlement[]; messages: readonly Carried[] },
  compare: Compare,
): Promise<Map<string, number>> {
  const kinds = new Map<Hex, string>(book.sends.map(({ guid, kind }) => [guid, kind]))
  for (const { guid } of settlements) if (guid) kinds.set(guid, 'settlement')
  const views = new Map((await stack.api.getMessages()).map((view) => [view.guid, view]))
  const ends = new Map<string, number>()
  for (const { packet, amount } of messages) {
    const kind = kinds.get(packet.guid) ?? 'unknown'
    const view = views.get(packet.guid)
    const expected = kind === 'settlement' ? 'credited' : END[kind as keyof typeof END]
    compare(`${packet.guid} (${kind}) in the index`, expected ?? 'unknown', view?.status ?? 'unknown')
    compare(`${packet.guid} (${kind}) in the index, amount`, amount, view?.amount ?? 0n)
    const end = `${kind} ${view?.status ?? 'unknown'}`
    ends.set(end, (ends.get(end) ?? 0) + 1)
  }
  const deployments = chains.map(({ deployment }) => deployment)
  const payments = new Map((await stack.api.getPayments()).map((view) => [view.id, view]))
  for (const { id, payment } of book.payments) {
    const view = payments.get(id)
    const what = `payment ${id} in the index`
    compare(what, 'settled', view?.status ?? 'unknown')
    if (!view) continue
    compare(`${what}, captured`, payment.due, view.captured)
    compare(`${what}, fee`, feeOf(payment.due), view.fee)
    compare(`${what}, returned`, payment.maxAmount - payment.due, view.returned)
    compare(`${what}, its books`, 'balanced', booksOf(view, deployments).balanced ? 'balanced' : 'not balanced')
  }
  return ends
}
