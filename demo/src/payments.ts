/** The demo's six payments: who pays whom for what, and the steps that people take. Keepers do the rest. */
import type { AccountName } from '@mati/devnet'
import {
  authorize,
  authorizeWithAuthorization,
  buildTerms,
  capture,
  depositAddress,
  type Invoice,
  type Payment,
  openDeposit,
  paymentId,
  type PaymentQuote,
  type PaymentView,
  quotePayment,
  refund,
  signAuthorization,
  USD,
  waitForPayment,
} from '@mati/sdk'
import { type Hex, parseUnits } from 'viem'
import { knownChains } from './options.ts'
import { approveEscrow, chainNamed, fund, mined, registerEverywhere } from './participants.ts'
import { type Stack, transfer } from './stack.ts'

export type Scene = {
  /** What it is called on the screen. */
  name: string
  invoice: Invoice
  payer: AccountName
  merchant: AccountName
  /** How the money gets in. */
  way: 'allowance' | 'erc3009' | 'deposit'
  /** Whether the merchant captures; if not, it comes back. */
  captured: boolean
  /** What of the captured money the merchant refunds, in units of the token, once the rest was paid out. */
  refunded?: bigint
}

/** Where an invoice is paid, and where the merchant wants it. */
type Route = Pick<Invoice, 'pay' | 'receive'>

export type Prepared = { scene: Scene; quote: PaymentQuote }
export type Held = { scene: Scene; payment: Payment; id: Hex; startedAt: number }

/** What the payments' relayer earns of each capture, in basis points. */
const FEE_BPS = 50
/** Seconds between payouts of the merchants that are netted together. */
const CYCLE = 8
/** What must be left of the cycle when they capture, so that all captures are mined within it. */
const MARGIN_SECONDS = 3
const WAIT_MS = 180_000
/** What is refunded of the payment without gas, and so kept in its merchant's ledger: half, in units of USDC. */
const REFUND = parseUnits('12.5', 6)

/**
 * What the demo plays: the invoice, one that comes back, one without gas, one that is netted with the first, one of the
 * same cycle for a merchant elsewhere, one by a plain transfer. Of the one without gas half is refunded.
 */
export function scenesOf(invoice: Invoice): Scene[] {
  const usd = (id: string, amount: string): Invoice => ({
    ...invoice,
    id,
    due: parseUnits(amount, USD.decimals),
    currency: USD.symbol,
    currencyDecimals: USD.decimals,
    autoCapture: false,
  })
  const onA = { pay: { chain: 'A', token: 'WETH' }, receive: { chain: 'A', token: 'USDC' } }
  const usdc = { currency: 'USDC', currencyDecimals: 6, due: parseUnits('25', 6) }
  const gasless = { ...usd('gasless', '25'), ...onA, ...usdc, pay: { chain: 'A', token: 'USDC' } }
  const deposit = { ...gasless, id: 'deposit', due: parseUnits('15', 6), autoCapture: true }
  const late = { ...usd('uncaptured', '30'), ...onA, authorizeWithinSeconds: 15, captureWithinSeconds: 15 }
  return [
    { name: 'invoice', invoice, payer: 'payer1', merchant: 'merchant1', way: 'allowance', captured: true },
    { name: 'uncaptured', invoice: late, payer: 'payer4', merchant: 'merchant3', way: 'allowance', captured: false },
    {
      name: 'gasless',
      invoice: gasless,
      payer: 'payer3',
      merchant: 'merchant3',
      way: 'erc3009',
      captured: true,
      refunded: REFUND,
    },
    {
      name: 'netted',
      invoice: usd('netted', '20'),
      payer: 'payer2',
      merchant: 'merchant2',
      way: 'allowance',
      captured: true,
    },
    {
      name: 'elsewhere',
      invoice: { ...usd('elsewhere', '35'), receive: elsewhereOf(invoice) },
      payer: 'payer6',
      merchant: 'merchant5',
      way: 'allowance',
      captured: true,
    },
    { name: 'deposit', invoice: deposit, payer: 'payer5', merchant: 'merchant4', way: 'deposit', captured: true },
  ]
}

/** Where the merchant wants it whom no other payment pays: USDC on a chain that the invoice has nothing to do with. */
function elsewhereOf({ pay, receive }: Route): Invoice['receive'] {
  const other = knownChains.find(({ name }) => name !== pay.chain && name !== receive.chain)
  if (!other) throw new RangeError('There is no third chain')
  return { chain: other.name, token: 'USDC' }
}

/**
 * Registers the merchants, all for one cycle where payments wait for it: the first two want the same, so that their
 * balances are settled together, the fifth another chain.
 */
export async function registerMerchants(stack: Stack, { pay, receive }: Route): Promise<void> {
  await registerEverywhere(stack, 'merchant1', { receive, cycle: CYCLE })
  await registerEverywhere(stack, 'merchant2', { receive, cycle: CYCLE })
  const usdc = { chain: 'A', token: 'USDC' }
  await registerEverywhere(stack, 'merchant3', { receive: usdc, cycle: 0, reserve: { ...usdc, amount: REFUND } })
  await registerEverywhere(stack, 'merchant4', { receive: usdc, cycle: 0 })
  await registerEverywhere(stack, 'merchant5', { receive: elsewhereOf({ pay, receive }), cycle: CYCLE })
}

/** Quotes what a payment will cost and bring, and gives its payer what it may cost. */
export async function prepare(stack: Stack, scene: Scene): Promise<Prepared> {
  const { invoice } = scene
  const [pay, receive] = [chainNamed(stack, invoice.pay.chain), chainNamed(stack, invoice.receive.chain)]
  const quote = await quotePayment(pay.client, {
    deployment: pay.deployment,
    invoice,
    merchant: stack.accounts[scene.merchant].address,
    maxFeeBps: FEE_BPS,
    receive: { client: receive.client, deployment: receive.deployment },
  })
  await fund(stack, scene.payer, invoice.pay, quote.maxAmount)
  return { scene, quote }
}

/** Has a payment held: by the payer itself, or by the relayer, with the payer's signature or from a deposit address. */
export async function hold(stack: Stack, { scene, quote: { maxAmount } }: Prepared): Promise<Held> {
  const { invoice, payer, merchant, way } = scene
  const chain = chainNamed(stack, invoice.pay.chain)
  const { deployment } = chain
  const startedAt = performance.now()
  if (way === 'allowance') await approveEscrow(chain, payer, invoice.pay.token, maxAmount)
  const payment = buildTerms({
    invoice,
    deployment,
    payer: stack.accounts[payer].address,
    merchant: stack.accounts[merchant].address,
    maxAmount,
    nowSeconds: Number((await chain.client.getBlock()).timestamp),
    fee: { minBps: FEE_BPS, maxBps: FEE_BPS, receiver: stack.accounts.relayer.address },
  })
  if (way === 'erc3009') {
    // Not a single unit of the native coin: whoever relays the signature pays the gas.
    await chain.setNativeBalance(stack.accounts[payer].address, 0n)
    const signature = await signAuthorization(stack.accounts[payer], { deployment, payment })
    const relayer = chain.wallet('relayer')
    await mined(relayer, authorizeWithAuthorization(relayer, { deployment, payment, signature }))
  } else if (way === 'deposit') {
    // All that the payer does, from whatever wallet or exchange; it never calls Mati.
    await transfer(chain.wallet(payer), payment.token, depositAddress({ deployment, payment }), maxAmount)
    const relayer = chain.wallet('relayer')
    await mined(relayer, openDeposit(relayer, { deployment, payment }))
  } else {
    await mined(chain.wallet(payer), authorize(chain.wallet(payer), { deployment, payment }))
  }
  return { scene, payment, id: paymentId(payment, deployment), startedAt }
}

/** Captures the whole due, as the merchant. */
export async function captureWhole(stack: Stack, { scene, payment }: Held): Promise<void> {
  const { deployment, wallet } = chainNamed(stack, scene.invoice.pay.chain)
  await mined(wallet(scene.merchant), capture(wallet(scene.merchant), { deployment, payment }))
}

/** Refunds what the scene says, as the merchant, out of what settlement left in its ledger. */
export async function refundPart(stack: Stack, { scene, payment, id }: Held): Promise<void> {
  if (scene.refunded === undefined) return
  const { deployment, wallet } = chainNamed(stack, scene.invoice.pay.chain)
  const isPaid = ({ timeline }: PaymentView) => timeline.some(({ name }) => name === 'paid')
  await waitForPayment(stack.api, { id, until: isPaid, timeoutMs: WAIT_MS, pollMs: 200 })
  const merchant = wallet(scene.merchant)
  await mined(merchant, refund(merchant, { deployment, payment, amount: scene.refunded }))
}

/** Waits for a moment from which all captures fit into one cycle of the merchants'. */
export async function waitForCycle(stack: Stack, { pay }: Invoice): Promise<void> {
  const { client } = chainNamed(stack, pay.chain)
  while (CYCLE - (Number((await client.getBlock()).timestamp) % CYCLE) <= MARGIN_SECONDS) {
    await new Promise((resolve) =>
      client.watchBlockNumber({ onBlockNumber: resolve, emitOnBegin: false, pollingInterval: 200 }),
    )
  }
}

/** Follows a payment through the index until nothing more happens to it. */
export async function follow(stack: Stack, held: Held, onChange: (payment: PaymentView) => void): Promise<PaymentView> {
  return waitForPayment(stack.api, { id: held.id, timeoutMs: WAIT_MS, pollMs: 200, onChange })
}
