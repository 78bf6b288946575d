/** What people read of a payment: a line for each step, a table at the end. Pure. */
import { type Deployment, formatAmount, type PaymentView, type TimelineStep } from '@mati/sdk'
import { isAddressEqual } from 'viem'
import { booksOf, decimalsOf } from './books.ts'

const meaning: Record<TimelineStep['name'], string> = {
  authorized: 'held in the escrow',
  charged: "authorized and captured at Chainlink's rate",
  captured: "captured at Chainlink's rate",
  voided: 'let go by the merchant',
  reclaimed: 'back to the payer',
  disputed: 'disputed by the payer',
  resolved: 'split by the arbiter',
  frozen: 'kept from being captured',
  refunded: 'refunded to the payer',
  converted: 'settled',
  sent: 'sent over LayerZero',
  verified: 'verified by both DVNs',
  delivered: 'delivered',
  credited: "credited to the merchant's ledger",
  paid: 'paid out to the merchant',
  withdrawn: 'withdrawn',
  spentOnRefund: 'spent on the refund of another payment',
}

/** One step of a payment: chain, amount, rate and round, gas, transaction. */
export function describeStep(payment: PaymentView, step: TimelineStep, deployments: readonly Deployment[]): string {
  const deployment = deployments.find(({ chainId }) => chainId === step.chainId)
  const amount =
    step.amount !== null && step.token ? `${formatToken(deployments, step.chainId, step.token, step.amount)}` : ''
  const gas = `${Number(step.gasUsed).toLocaleString('en')} gas`
  const parts = [amount, describeRate(payment, step, deployments), gas, `tx ${step.hash.slice(0, 10)}…`]
  return `${deployment?.name ?? step.chainId}  ${meaning[step.name]}: ${parts.filter((part) => part !== '').join(', ')}`
}

function describeRate(payment: PaymentView, step: TimelineStep, deployments: readonly Deployment[]): string {
  if (step.name === 'captured' || step.name === 'charged') {
    if (!payment.rate) return ''
    const symbol = symbolOf(deployments, payment.chainId, payment.token)
    const currency = symbolOf(deployments, payment.chainId, payment.currency)
    return `${formatAmount(payment.rate.wad, 18, 4)} ${currency}/${symbol} (round ${payment.rate.baseRoundId})`
  }
  const leg = payment.payouts.find(({ settlementId, chainId }) => settlementId === step.ref && chainId === step.chainId)
  if (!leg || isAddressEqual(leg.token, leg.asset)) return ''
  const [token, asset] = [leg.token, leg.asset].map((address) => symbolOf(deployments, leg.chainId, address))
  const share = `from ${formatToken(deployments, leg.chainId, leg.token, leg.amountIn)}`
  return `${share}, oracle ${formatAmount(leg.rate.wad, 18, 4)} ${asset}/${token} (round ${leg.rate.baseRoundId})`
}

/** An amount of a token with its symbol, cut to what people read. */
export function formatToken(
  deployments: readonly Deployment[],
  chainId: number,
  token: `0x${string}`,
  amount: bigint,
): string {
  return `${formatAmount(amount, decimalsOf(deployments, chainId, token), 6)} ${symbolOf(deployments, chainId, token)}`
}

/** The symbol of an asset on a chain; USD for what is no token there. */
export function symbolOf(deployments: readonly Deployment[], chainId: number, asset: `0x${string}`): string {
  const tokens = deployments.find((deployment) => deployment.chainId === chainId)?.tokens ?? []
  return tokens.find(({ address }) => isAddressEqual(address, asset))?.symbol ?? 'USD'
}

/** What payers gave, merchants got, and every cost between the two, in the currency of each due. */
export function table(
  rows: readonly { name: string; view: PaymentView; received: string }[],
  deployments: readonly Deployment[],
): string[] {
  const head = [
    'payment',
    'status',
    'due',
    'payer gave',
    'worth',
    '- fee',
    '- tips',
    '- pools',
    '- message',
    '- refunds',
    '= worth',
    'merchant got',
    'slippage',
    'books',
  ]
  const body = rows.map(({ name, view, received }) => {
    const books = booksOf(view, deployments)
    const decimals = decimalsOf(deployments, view.chainId, view.currency)
    const money = (value: bigint) => formatAmount(value, decimals, 4)
    const due = `${money(view.due)} ${symbolOf(deployments, view.chainId, view.currency)}`
    const gave = formatToken(deployments, view.chainId, view.token, view.captured)
    const costs = [
      books.captured,
      books.fee,
      books.tips,
      books.pools,
      books.messages,
      books.refunds,
      books.received,
    ].map(money)
    return [
      name,
      view.status,
      due,
      gave,
      ...costs,
      received,
      `${books.slippageBps} bps`,
      books.balanced ? 'balance' : 'DO NOT BALANCE',
    ]
  })
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((row) => row[i]?.length ?? 0)))
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map((row) =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  )
}
