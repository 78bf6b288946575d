/** Three chains with everything on them, who acts there, and the steps that faults and traffic are made of. */
import type { PrivilegedCall } from '@mati/contracts/script/access'
import type { Stack } from '@mati/demo'
import { type AccountName, type Call, contractCall, testMnemonic } from '@mati/devnet'
import { matiEscrowAbi, type Payment, paymentId, type Registration, signRegistration } from '@mati/sdk'
import {
  type Address,
  erc20Abi,
  type Hex,
  maxUint256,
  numberToHex,
  pad,
  type TransactionReceipt,
  zeroAddress,
} from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { messageOf, type Message, optionsOf } from '../drills/message.ts'
import { act, type Chain, contractsOf, govern, guard, look, MATI, UNIT, type Who } from '../drills/world.ts'
import { type Book, createBook, FEE_BPS, type Merchant, type SendEntry } from './book.ts'
import type { Random } from './random.ts'

export const payers = ['payer1', 'payer2', 'payer3', 'payer4', 'payer5', 'payer6'] as const satisfies AccountName[]

/** Whoever is nobody in particular: retries, commits, executes and gives back. */
export const STRANGER = 'merchant1'
const TIER = 1
/** Accounts beyond the named ones. */
const FIRST_INDEX = 1_000

export type Stage = {
  stack: Stack
  chains: readonly Chain[]
  random: Random
  book: Book
  /** An account that nobody else uses. */
  newAccount: () => HDAccount
  /** Pauses a worker, for as long as anybody wants it to rest. @returns Lets it go on. */
  rest: (worker: 'dvn2' | 'executor') => () => void
  /** Works of one name come one after the other. */
  inTurn: (name: string, work: () => Promise<void>) => Promise<void>
  /** As the admin or the guardian of a chain, one after the other. */
  govern: (chain: Chain, ...calls: PrivilegedCall[]) => Promise<void>
  guard: (chain: Chain, call: PrivilegedCall) => Promise<void>
}

/** The turns of a chain's guardian, whose transactions are numbered. */
export const guardianOf = ({ name }: Chain) => `guardian ${name}`

export function setStage(stack: Stack, random: Random): Stage {
  let index = FIRST_INDEX
  const resting = { dvn2: 0, executor: 0 }
  const turns = new Map<string, Promise<void>>()
  const inTurn = (name: string, work: () => Promise<void>) => {
    const turn = (turns.get(name) ?? Promise.resolve()).catch(() => {}).then(work)
    turns.set(name, turn)
    return turn
  }
  return {
    stack,
    chains: stack.chains,
    random,
    book: createBook(),
    newAccount: () => mnemonicToAccount(testMnemonic, { addressIndex: index++ }),
    rest(worker) {
      resting[worker] += 1
      stack.workers.pause(worker)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        resting[worker] -= 1
        if (resting[worker] === 0) stack.workers.resume(worker)
      }
    },
    inTurn,
    govern: (chain, ...calls) => inTurn(`admin ${chain.name}`, () => govern(chain, ...calls)),
    guard: (chain, call) => inTurn(guardianOf(chain), () => guard(chain, call)),
  }
}

export const matiOn = (chain: Chain): Address => contractsOf(chain).token.address
export const tokensOn = (chain: Chain): Address[] => [chain.tokens.usdc, chain.tokens.weth, matiOn(chain)]
const erc20 = { name: 'ERC20', abi: erc20Abi }

/** Gives payers what they pay with, and lets the escrow take it; the guardian something to send. */
export async function fund({ chains, stack }: Stage): Promise<void> {
  await Promise.all(
    chains.map(async (chain) => {
      const { escrow, token } = contractsOf(chain)
      const addresses = payers.map((name) => stack.accounts[name].address)
      const transfer = (to: Address, amount: bigint) =>
        contractCall(erc20, token.address, 'transfer', [to, amount], { gas: 100_000n })
      await chain
        .sender('deployer')
        .sendAll([
          ...addresses.map((address) => transfer(address, 1_000_000n * MATI)),
          transfer(stack.accounts.guardian.address, 10_000n * MATI),
          contractCall(erc20, token.address, 'approve', [contractsOf(chain).gateway.address, maxUint256]),
        ])
      await Promise.all(addresses.map((address) => chain.mintUsdc(address, 1_000_000_000_000n)))
      await Promise.all(
        payers.map(async (name) => {
          await chain.wrap(name, 1_000n * MATI)
          const approve = (asset: Address) => contractCall(erc20, asset, 'approve', [escrow.address, maxUint256])
          await chain.sender(name).sendAll(tokensOn(chain).map(approve))
        }),
      )
    }),
  )
}

export type Hiring = {
  home: Chain
  asset: Address
  cycle?: number
  sources?: readonly Chain[]
  shares?: readonly number[]
}

/** A merchant of its own key, registered by somebody who relays its signature. */
export async function hire(stage: Stage, hiring: Hiring): Promise<{ merchant: Merchant; key: HDAccount }> {
  const { home, asset, cycle = 0, sources = stage.chains, shares = [6_000, 4_000] } = hiring
  const key = stage.newAccount()
  const recipients = shares.map((shareBps) => ({ account: stage.newAccount().address, shareBps }))
  const registration = registrationOf(stage, key.address, { home, asset, cycle, nonce: 1n, recipients })
  const chain = registration.chains.find(({ eid }) => eid === home.eid)
  if (!chain) throw new RangeError(`There is no chain ${home.name}`)
  const terms = { merchant: key.address, payout: registration.payout, chain }
  const account = await look<Address>(home, 'accounts', 'accountOf', [terms])
  await register(registration, key, sources)
  const merchant = { address: key.address, home, asset, recipients, account, sources }
  stage.book.merchants.push(merchant)
  return { merchant, key }
}

export function registrationOf(
  { chains }: Stage,
  merchant: Address,
  {
    home,
    asset,
    cycle,
    nonce,
    recipients,
  }: Required<Pick<Hiring, 'home' | 'asset' | 'cycle'>> & {
    nonce: bigint
    recipients: Merchant['recipients']
  },
): Registration {
  return {
    merchant,
    nonce,
    payout: { asset, eid: home.eid, cycle, tier: TIER, toleranceBps: 100 },
    operators: [],
    chains: chains.map((chain) => ({
      eid: chain.eid,
      settler: contractsOf(chain).settler.address,
      recipients: chain === home ? recipients : [],
      reserves: [],
    })),
  }
}

export async function register(registration: Registration, key: HDAccount, on: readonly Chain[]): Promise<void> {
  const signature = await signRegistration(key, { registration })
  await Promise.all(on.map((chain) => act(chain, 'relayer', 'registry', 'register', [registration, signature])))
}

/** A payment of a token, due in it, that anyone may capture. Less is due than held. */
export async function pay(
  stage: Stage,
  {
    chain,
    merchant,
    token,
    due,
    surplus,
  }: { chain: Chain; merchant: Merchant; token: Address; due: bigint; surplus: bigint },
): Promise<void> {
  const { stack, book } = stage
  const payer = stage.random.oneOf(payers)
  const { timestamp } = await chain.client.getBlock()
  const payment: Payment = {
    payer: stack.accounts[payer].address,
    merchant: merchant.address,
    token,
    maxAmount: due + surplus,
    currency: token,
    due,
    fallbackAmount: 0n,
    minFeeBps: Number(FEE_BPS),
    maxFeeBps: Number(FEE_BPS),
    feeReceiver: stack.accounts.relayer.address,
    authorizeBy: Number(timestamp) + 600,
    captureAfter: 0,
    captureBy: Number(timestamp) + 3_600,
    autoCapture: true,
    arbiter: zeroAddress,
    resolveBy: 0,
    defaultMerchantBps: 0,
    refundTo: stack.accounts[payer].address,
    invoice: numberToHex(book.payments.length + 1, { size: 32 }),
  }
  const id = paymentId(payment, chain.deployment)
  book.payments.push({ id, chain, payer, merchant, payment })
  const contract = { name: 'MatiEscrow', abi: matiEscrowAbi }
  const args = [payment, zeroAddress, '0x']
  const { escrow } = contractsOf(chain)
  await chain.sender(payer).send(contractCall(contract, escrow.address, 'authorize', args, { gas: 250_000n }))
}

/** As many units as of that token are worth `cents` of a USD or so, with digits down to the last. */
export function amountOf(
  { random }: Stage,
  chain: Chain,
  token: Address,
  [least, most]: readonly [bigint, bigint],
): bigint {
  const perCent =
    token === chain.tokens.usdc ? 10_000n : token === chain.tokens.weth ? 4n * 10n ** 12n : 4n * 10n ** 16n
  return random.amount(least * perCent, most * perCent)
}

export type Sent = { message: Message; entry: SendEntry }

/** MATI of the genesis holder's to an account that has none. Waits while the pathway takes nothing. */
export async function sendTo({ book, newAccount }: Stage, from: Chain, to: Chain, amount: bigint): Promise<Sent> {
  const recipient = newAccount().address
  const message = await onceOpen(() => sendUncut(from, to, amount, recipient))
  const entry: SendEntry = { guid: message.guid, from, to, sender: 'deployer', amount, kind: 'transfer', recipient }
  book.sends.push(entry)
  return { message, entry }
}

async function sendUncut(from: Chain, to: Chain, amount: bigint, recipient: Address): Promise<Message> {
  return messageOf(await from.sender('deployer').send(await tokenSend(from, to, { amount, recipient })), from)
}

/** `MatiToken.send` of whoever sends it. What is composed is paid for; dust is left with the sender. */
export async function tokenSend(
  from: Chain,
  to: Chain,
  { amount, recipient, payload = '0x' }: { amount: bigint; recipient: Address; payload?: Hex },
): Promise<Call> {
  const param = {
    dstEid: to.eid,
    to: pad(recipient),
    amountLD: amount,
    minAmountLD: 0n,
    extraOptions: payload === '0x' ? '0x' : optionsOf(200_000n, 300_000n),
    composeMsg: payload,
    oftCmd: '0x',
  }
  const fee = await look<{ nativeFee: bigint }>(from, 'token', 'quoteSend', [param, false])
  const { address, abi } = contractsOf(from).token
  const args = [param, fee, from.sender('deployer').address]
  return contractCall({ abi, name: 'token' }, address, 'send', args, { value: fee.nativeFee, gas: 500_000n })
}

/** A message of one payout to a ledger that nobody settles. */
export async function sendPayout({ book, newAccount }: Stage, from: Chain, to: Chain, amount: bigint): Promise<Sent> {
  const recipient = newAccount().address
  const whole = amount - (amount % UNIT)
  const message = await onceOpen(async () => {
    const value = await look(from, 'gateway', 'quote', [to.eid, 1n])
    const args = [to.eid, [{ account: recipient, amount: whole }], from.sender('deployer').address]
    return messageOf(await act(from, 'deployer', 'gateway', 'send', args, { value, gas: 900_000n }), from)
  })
  const entry: SendEntry = {
    guid: message.guid,
    from,
    to,
    sender: 'deployer',
    amount: whole,
    kind: 'payout',
    recipient,
  }
  book.sends.push(entry)
  return { message, entry }
}

export const UNREADABLE = '0xdeadbeef'

export type Unreadable = { call: Call; amount: bigint }

/** Whole MATI, with something to be composed that no gateway can read. Waits while the pathway takes nothing. */
export async function drawUnreadable({ random }: Stage, from: Chain, to: Chain): Promise<Unreadable> {
  const amount = random.amount(1n, 50n) * MATI
  return { call: await onceOpen(() => unreadable(from, to, amount)), amount }
}

/** The same, of the genesis holder's, sent. */
export async function sendUnreadable(stage: Stage, from: Chain, to: Chain): Promise<Sent> {
  const amount = stage.random.amount(1n, 50n) * MATI
  const receipt = await onceOpen(async () => from.sender('deployer').send(await unreadable(from, to, amount)))
  return noteUnreadable(stage, { from, to }, { sender: 'deployer', amount, receipt })
}

function unreadable(from: Chain, to: Chain, amount: bigint): Promise<Call> {
  return tokenSend(from, to, { amount, recipient: contractsOf(to).gateway.address, payload: UNREADABLE })
}

/** Notes that it was sent. */
export function noteUnreadable(
  { book }: Stage,
  { from, to }: { from: Chain; to: Chain },
  { sender, amount, receipt }: { sender: Who; amount: bigint; receipt: TransactionReceipt },
): Sent {
  const message = messageOf(receipt, from)
  const recipient = contractsOf(to).gateway.address
  const entry: SendEntry = { guid: message.guid, from, to, sender, amount, kind: 'unreadable', recipient }
  book.sends.push(entry)
  return { message, entry }
}

/** By a stranger, who pays for it. */
export async function giveBack(stage: Stage, { entry }: Sent, payload: Hex): Promise<void> {
  const { from, to, guid, amount, sender } = entry
  const back = await onceOpen(async () => {
    const value = await look(to, 'gateway', 'quoteGiveBack', [guid, payload])
    return messageOf(await act(to, STRANGER, 'gateway', 'giveBack', [guid, payload], { value }), to)
  })
  const recipient = stage.stack.accounts[sender].address
  stage.book.sends.push({ guid: back.guid, from: to, to: from, sender, amount, kind: 'return', recipient })
}

/** A message of somebody who is no peer, to the token. */
export async function sendAsStranger({ book }: Stage, from: Chain, to: Chain): Promise<Message> {
  const sender = from.sender(STRANGER).address
  const params = {
    dstEid: to.eid,
    receiver: pad(matiOn(to)),
    message: numberToHex(1n, { size: 40 }),
    options: optionsOf(150_000n),
    payInLzToken: false,
  }
  const { nativeFee } = await look<{ nativeFee: bigint }>(from, 'endpoint', 'quote', [params, sender])
  const message = messageOf(await act(from, STRANGER, 'endpoint', 'send', [params, sender], { value: nativeFee }), from)
  book.strangers.push({ guid: message.guid, to, sender: message.sender })
  return message
}

const CLOSED_MS = 120_000

/** Sends again while the pathway takes nothing. */
async function onceOpen<Result>(send: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + CLOSED_MS
  for (;;) {
    try {
      return await send()
    } catch (error) {
      if (!/Token_OutboundPaused/.test(String(error)) || Date.now() > deadline) throw error
      await sleep(500)
    }
  }
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** @throws Error if it does not hold in time. */
export async function until(what: string, holds: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1_000} s`)
    await sleep(250)
  }
}
