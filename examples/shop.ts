/**
 * A shop: it issues an invoice, shows what it will cost and bring, is paid on one chain and paid out on the other.
 * Start the local chains with `npm start`, then, in another terminal: `npm run shop [-- INVOICE]`.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  approve,
  authorize,
  buildTerms,
  capture,
  formatAmount,
  getMerchant,
  MatiError,
  parseInvoice,
  paymentId,
  quotePayment,
  registerMerchant,
  type Registration,
  sendCall,
  signRegistration,
  tokenOf,
  waitForPayment,
  weth9Abi,
} from '@mati/sdk'
import { isAddressEqual } from 'viem'
import { getBlock } from 'viem/actions'
import { accounts, api, chainNamed, chainNames, mined, run } from './chains.ts'
import { readArguments } from './command.ts'

const help = `Usage: npm run shop [-- options] [INVOICE]

A merchant registers and issues an invoice, a payer has it held, the merchant captures, and keepers settle it.
Runs beside \`npm start\`.

  INVOICE  the invoice's file, to be paid in WETH (default examples/invoice.json; its schema is in the README)

Options:
  --help   print this

Environment: MATI_PORT_A, MATI_PORT_B, MATI_PORT_C and MATI_PORT_INDEXER, if \`npm start\` was given other ports.`

const [named = path.join(import.meta.dirname, 'invoice.json')] = readArguments(help, 1)
// npm runs scripts in the project's root, and keeps where they were called from.
const file = path.resolve(process.env['INIT_CWD'] ?? '', named)

/** @throws MatiError if there is no such file */
function readInvoice(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const action = 'Name a file like examples/invoice.json.'
    throw new MatiError(`Cannot read the invoice ${file}`, { code: 'INVOICE_UNREADABLE', action, cause })
  }
}

const { merchant1: merchant, payer1: payer, relayer } = accounts

await run(async () => {
  const chains = chainNames.map(chainNamed)
  const deployments = chains.map(({ deployment }) => deployment)
  // The invoice: what a merchant writes down. Everything else follows from it.
  const invoice = parseInvoice(readInvoice(file), { chains: deployments })
  const [pay, receive] = [chainNamed(invoice.pay.chain), chainNamed(invoice.receive.chain)]
  const token = tokenOf(pay.deployment, invoice.pay.token)
  const asset = tokenOf(receive.deployment, invoice.receive.token)
  const show = (amount: bigint, { symbol, decimals }: { symbol: string; decimals: number }) =>
    `${formatAmount(amount, decimals, 6)} ${symbol}`

  // The merchant says once, for all chains, how it wants to be paid: one signature, relayed by anyone.
  for (const { deployment, wallet } of chains) {
    const known = await getMerchant(wallet(relayer), { deployment, merchant: merchant.address })
    if (known.payout) {
      const isSame = known.payout.eid === receive.deployment.eid && isAddressEqual(known.payout.asset, asset.address)
      if (isSame) continue
      throw new MatiError('The merchant is registered for a payout in another asset or on another chain', {
        code: 'REGISTERED_OTHERWISE',
        action: 'A change holds a day later; for this invoice, start the local chains anew.',
      })
    }
    const registration: Registration = {
      merchant: merchant.address,
      nonce: 1n,
      payout: { asset: asset.address, eid: receive.deployment.eid, cycle: 0, tier: 1, toleranceBps: 100 },
      operators: [],
      chains: deployments.map(({ eid, contracts }) => ({
        eid,
        settler: contracts.settler,
        recipients: [],
        reserves: [],
      })),
    }
    const signature = await signRegistration(merchant, { registration })
    await mined(wallet(relayer), registerMerchant(wallet(relayer), { deployment, registration, signature }))
  }

  // What the shop shows before anybody signs.
  const quote = await quotePayment(pay.wallet(payer), {
    deployment: pay.deployment,
    invoice,
    merchant: merchant.address,
    receive: { client: receive.wallet(merchant), deployment: receive.deployment },
  })
  const due = { symbol: invoice.currency, decimals: invoice.currencyDecimals }
  console.log(`Invoice ${invoice.id}: ${show(invoice.due, due)}`)
  console.log(`  today that is          ${show(quote.expectedAmount, token)} on chain ${invoice.pay.chain}`)
  console.log(`  the payer signs for    ${show(quote.maxAmount, token)} at most; the rest comes back`)
  console.log(`  the merchant gets      ${show(quote.leastReceived, asset)} on chain ${invoice.receive.chain} at least`)

  // The payer: gets the token, approves the escrow once, and has the payment held.
  const payerClient = pay.wallet(payer)
  if (token.symbol === 'WETH') {
    const wrap = {
      address: token.address,
      abi: weth9Abi,
      functionName: 'deposit',
      args: [],
      value: quote.maxAmount,
    } as const
    await mined(payerClient, sendCall(payerClient, wrap))
  }
  const { timestamp } = await getBlock(payerClient)
  const payment = buildTerms({
    invoice,
    deployment: pay.deployment,
    payer: payer.address,
    merchant: merchant.address,
    maxAmount: quote.maxAmount,
    nowSeconds: Number(timestamp),
  })
  const target = { deployment: pay.deployment, payment }
  await mined(payerClient, approve(payerClient, { ...target, token: token.address, amount: payment.maxAmount }))
  await mined(payerClient, authorize(payerClient, target))
  const id = paymentId(payment, pay.deployment)
  console.log(`Held as payment ${id}`)

  // The merchant delivers its goods and captures; any keeper settles.
  await mined(pay.wallet(merchant), capture(pay.wallet(merchant), target))
  const settled = await waitForPayment(api, {
    id,
    timeoutMs: 180_000,
    onChange: ({ status, timeline }) => console.log(`  ${status}: ${timeline.at(-1)?.name ?? ''}`),
  })
  const paidOut = settled.payouts
    .filter(({ guid }) => guid === null)
    .reduce((sum, { amountOut }) => sum + amountOut, 0n)
  console.log(`The payment is ${settled.status}: the payer paid ${show(settled.captured, token)},`)
  console.log(`the merchant got ${show(paidOut, asset)} on chain ${invoice.receive.chain}.`)
})
