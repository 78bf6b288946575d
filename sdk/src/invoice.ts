/** Invoices: what a merchant writes down, checked and turned into typed values. Pure; the README has the schema. */
import { type Address, getAddress, isAddress, keccak256, maxUint112, stringToHex } from 'viem'
import { z } from 'zod'
import { fiats } from './currency.ts'
import { parseDuration } from './duration.ts'
import { InvalidInputError } from './errors.ts'
import { formatAmount, parseAmount } from './units.ts'

/** What can be paid with and paid out: a `Deployment` is one, and so is a plan of chains yet to be deployed. */
export type KnownChain = { name: string; tokens: readonly { symbol: string; decimals: number }[] }

export type Invoice = {
  id: string
  /** What is owed, in units of `currency`: a fiat has 18 decimals, a token its own. */
  due: bigint
  /** Symbol of a fiat or of a token of the chain that is paid on. */
  currency: string
  currencyDecimals: number
  /** What the payer pays with, and where. */
  pay: { chain: string; token: string }
  /** What the merchant wants, and where. */
  receive: { chain: string; token: string }
  /** Whose ledger balance it goes to; null leaves it to whoever issues the invoice. */
  merchant: Address | null
  authorizeWithinSeconds: number
  captureWithinSeconds: number
  /** How much more than the due is worth today may be held, in basis points: room for the rate to move. */
  marginBps: number
  autoCapture: boolean
}

const MAX_DIGITS = 30
const MAX_BYTES = 65_536
const MIN_SECONDS = 10
const MAX_SECONDS = 90 * 86_400
/** What to say of a value of the wrong type, or of none. */
const must = (be: string) => (issue: { input?: unknown }) =>
  issue.input === undefined ? 'is missing; add it' : `must be ${be}`
const text = z.string({ error: must('text in quotes') })
const place = z.strictObject({ chain: text, token: text }, { error: must('an object with chain and token') })

/** The shape of an invoice; `parseInvoice` checks what it says as well. */
export const invoiceSchema = z.strictObject({
  id: text.min(1, { error: 'must not be empty' }).max(64, { error: 'must have at most 64 characters' }),
  amount: z.string({ error: must('a decimal in quotes, such as "49.99"') }),
  currency: text,
  pay: place,
  receive: place,
  merchant: text.refine((value) => isAddress(value), { error: 'must be an address: 0x and 40 hex digits' }).optional(),
  authorizeWithin: text.optional(),
  captureWithin: text.default('1h'),
  marginBps: z
    .int({ error: 'must be a whole number of basis points, such as 300 for 3%' })
    .min(0, { error: 'must not be negative' })
    .max(5_000, { error: 'must be at most 5000 (50%)' })
    .default(300),
  autoCapture: z.boolean({ error: 'must be true or false' }).default(false),
})

export type InvoiceJson = z.input<typeof invoiceSchema>

/**
 * Reads an invoice and says all that is wrong with it at once.
 * @param text JSON text.
 * @param options.chains The chains and tokens that there are.
 * @throws InvalidInputError `INVOICE_INVALID` with one issue per line: where, what, and what to do.
 * @example
 * const invoice = parseInvoice(readFileSync('invoice.json', 'utf8'), { chains: [deploymentA, deploymentB] })
 */
export function parseInvoice(text: string, options: { chains: readonly KnownChain[] }): Invoice {
  const shape = invoiceSchema.safeParse(parseJson(text))
  if (!shape.success) throw invalid(shape.error.issues.map(describeIssue))
  const json = shape.data
  const issues: string[] = []
  const reject = (path: string, problem: string): void => void issues.push(`${path}: ${problem}`)

  checkPlace('pay', json.pay, options.chains, reject)
  checkPlace('receive', json.receive, options.chains, reject)
  const payChain = options.chains.find((chain) => chain.name === json.pay.chain)
  const currency = findCurrency(json.currency, payChain)
  if (!currency) {
    const known = [...fiats, ...(payChain?.tokens ?? [])].map(({ symbol }) => symbol)
    reject('currency', `"${json.currency}" is unknown; use one of ${known.join(', ')}`)
  }
  const due = checkAmount(json.amount, currency, reject)
  const captureWithinSeconds = checkDuration('captureWithin', json.captureWithin, reject)
  const authorizeWithinSeconds =
    json.authorizeWithin === undefined
      ? Math.min(900, captureWithinSeconds)
      : checkDuration('authorizeWithin', json.authorizeWithin, reject)
  if (issues.length === 0 && authorizeWithinSeconds > captureWithinSeconds) {
    reject('authorizeWithin', `"${json.authorizeWithin}" is longer than captureWithin; shorten it or lengthen that`)
  }
  if (issues.length > 0 || !currency || due === null) throw invalid(issues)

  return {
    id: json.id,
    due,
    currency: currency.symbol,
    currencyDecimals: currency.decimals,
    pay: json.pay,
    receive: json.receive,
    merchant: json.merchant === undefined ? null : getAddress(json.merchant),
    authorizeWithinSeconds,
    captureWithinSeconds,
    marginBps: json.marginBps,
    autoCapture: json.autoCapture,
  }
}

/** The hash that names an invoice in a payment's terms: of its values, whatever the spelling of the JSON. */
export function hashInvoice(invoice: Invoice): `0x${string}` {
  const { id, due, currency, currencyDecimals, pay, receive, merchant } = invoice
  const amount = formatAmount(due, currencyDecimals)
  const canonical = [id, amount, currency, pay.chain, pay.token, receive.chain, receive.token, merchant]
  return keccak256(stringToHex(JSON.stringify(canonical)))
}

function parseJson(text: string): unknown {
  if (text.length > MAX_BYTES) throw invalid([`it has ${text.length} characters; an invoice has at most ${MAX_BYTES}`])
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw invalid(
      [
        `it is no JSON (${(error as Error).message.replaceAll(/\s+/g, ' ')}); see examples/invoice.json for one that is`,
      ],
      error,
    )
  }
}

function checkPlace(
  path: 'pay' | 'receive',
  { chain: name, token: symbol }: { chain: string; token: string },
  chains: readonly KnownChain[],
  reject: (path: string, problem: string) => void,
): void {
  const chain = chains.find((candidate) => candidate.name === name)
  if (!chain) {
    reject(`${path}.chain`, `"${name}" is unknown; use one of ${chains.map((known) => known.name).join(', ')}`)
  } else if (!chain.tokens.some((token) => token.symbol === symbol)) {
    const known = chain.tokens.map((token) => token.symbol).join(', ')
    reject(`${path}.token`, `"${symbol}" is unknown on chain ${name}; use one of ${known}`)
  }
}

/** `precision` is how many decimals people may write. */
function findCurrency(symbol: string, payChain: KnownChain | undefined) {
  const token = payChain?.tokens.find((candidate) => candidate.symbol === symbol)
  return fiats.find((fiat) => fiat.symbol === symbol) ?? (token && { ...token, precision: token.decimals })
}

function checkAmount(
  text: string,
  currency: { symbol: string; decimals: number; precision: number } | undefined,
  reject: (path: string, problem: string) => void,
): bigint | null {
  const problem = ((): string | null => {
    if (text.startsWith('-')) return `"${text.slice(0, 40)}" is negative; write what is owed as a positive decimal`
    if (!/^\d+(\.\d+)?$/.test(text)) return `"${text.slice(0, 40)}" is no plain decimal; write it like "49.99"`
    const digits = text.replace('.', '').length
    if (digits > MAX_DIGITS) return `it has ${digits} digits; write at most ${MAX_DIGITS}`
    if (!/[1-9]/.test(text)) return 'it is zero; an invoice asks for something'
    if (!currency) return null
    const decimals = text.split('.')[1]?.length ?? 0
    if (decimals > currency.precision) {
      return `"${text}" has ${decimals} decimals; ${currency.symbol} has at most ${currency.precision}`
    }
    return (parseAmount(text, currency.decimals) ?? 0n) > maxUint112
      ? `"${text}" is more than a payment can hold`
      : null
  })()
  if (problem !== null) reject('amount', problem)
  return problem === null && currency ? parseAmount(text, currency.decimals) : null
}

function checkDuration(path: string, text: string, reject: (path: string, problem: string) => void): number {
  const seconds = parseDuration(text)
  if (seconds === null) reject(path, `"${text}" is no duration; write it like "90s", "15m", "1h" or "2d"`)
  else if (seconds <= 0) reject(path, `"${text}" is over already; give the payer some time, like "15m"`)
  else if (seconds < MIN_SECONDS)
    reject(path, `"${text}" is too short for a transaction; use at least "${MIN_SECONDS}s"`)
  else if (seconds > MAX_SECONDS) reject(path, `"${text}" is too long to hold somebody's money; use at most "90d"`)
  return seconds ?? 0
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const shape = path === '' ? invoiceSchema.shape : place.shape
    const keys = issue.keys.map((key) => (path === '' ? key : `${path}.${key}`)).join(', ')
    return `${keys}: unknown; the keys are ${Object.keys(shape).join(', ')}`
  }
  if (path === '') return 'it must be a JSON object; see examples/invoice.json'
  return `${path}: ${issue.message}`
}

function invalid(issues: readonly string[], cause?: unknown): InvalidInputError {
  return new InvalidInputError('INVOICE_INVALID', 'The invoice', issues, cause)
}
