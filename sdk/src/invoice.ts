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
type Shaped = z.output<typeof invoiceSchema>
type Place = z.output<typeof place>
type Reject = (path: string, problem: string) => void

/**
 * Reads an invoice and says all that is wrong with it at once.
 * @param text JSON text.
 * @param options.chains The chains and tokens that there are.
 * @throws InvalidInputError `INVOICE_INVALID` with one issue per line: where, what, and what to do.
 * @example
 * const invoice = parseInvoice(readFileSync('invoice.json', 'utf8'), { chains: [deploymentA, deploymentB] })
 */
export function parseInvoice(text: string, options: { chains: readonly KnownChain[] }): Invoice {
  const raw = parseJson(text)
  const shape = invoiceSchema.safeParse(raw)
  const issues = shape.success ? [] : shape.error.issues.map(describeIssue)
  const reject: Reject = (path, problem) => void issues.push(`${path}: ${problem}`)
  const said = shape.success ? shape.data : (shapedFields(invoiceSchema, raw) as ShapedPart)

  checkPlace('pay', said.pay, options.chains, reject)
  checkPlace('receive', said.receive, options.chains, reject)
  const currency = checkCurrency(said, options.chains, reject)
  const due = checkAmount(said.amount, currency, reject)
  const within = checkDurations(said, reject)
  if (!shape.success || issues.length > 0 || !currency || due === null || !within) throw invalid(issues)

  const { id, pay, receive, merchant, marginBps, autoCapture } = shape.data
  return {
    id,
    due,
    currency: currency.symbol,
    currencyDecimals: currency.decimals,
    pay,
    receive,
    merchant: merchant === undefined ? null : getAddress(merchant),
    authorizeWithinSeconds: within.authorize,
    captureWithinSeconds: within.capture,
    marginBps,
    autoCapture,
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

/** What of an invoice can be checked although something else of it has the wrong shape. */
type ShapedPart = Partial<Omit<Shaped, 'pay' | 'receive'>> & { pay: Partial<Place>; receive: Partial<Place> }

/** Every field of a schema that has its shape, by itself. */
function shapedFields(schema: z.ZodObject, raw: unknown): Record<string, unknown> {
  const fields = Object(raw) as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(schema.shape).map(([key, field]) => [
      key,
      field instanceof z.ZodObject ? shapedFields(field, fields[key]) : z.safeParse(field, fields[key]).data,
    ]),
  )
}

function checkPlace(
  path: 'pay' | 'receive',
  { chain: name, token: symbol }: Partial<Place>,
  chains: readonly KnownChain[],
  reject: Reject,
): void {
  const chain = chains.find((candidate) => candidate.name === name)
  if (name !== undefined && !chain) {
    reject(`${path}.chain`, `"${name}" is unknown; use one of ${chains.map((known) => known.name).join(', ')}`)
  }
  const symbols = symbolsOf(chain ? [chain] : chains)
  if (symbol !== undefined && !symbols.includes(symbol)) {
    const where = chain ? `on chain ${chain.name}` : 'on every chain'
    reject(`${path}.token`, `"${symbol}" is unknown ${where}; use one of ${symbols.join(', ')}`)
  }
}

/** `precision` is how many decimals people may write. */
type Currency = { symbol: string; decimals: number; precision: number }

/** Null as well if it is not known which chain's token it is. */
function checkCurrency({ currency: symbol, pay }: ShapedPart, chains: readonly KnownChain[], reject: Reject) {
  if (symbol === undefined) return null
  const chain = chains.find((candidate) => candidate.name === pay.chain)
  const known = [...fiats.map((fiat) => fiat.symbol), ...symbolsOf(chain ? [chain] : chains)]
  if (!known.includes(symbol)) reject('currency', `"${symbol}" is unknown; use one of ${known.join(', ')}`)
  const token = chain?.tokens.find((candidate) => candidate.symbol === symbol)
  const currency = fiats.find((fiat) => fiat.symbol === symbol) ?? (token && { ...token, precision: token.decimals })
  return currency ?? null
}

function symbolsOf(chains: readonly KnownChain[]): string[] {
  return [...new Set(chains.flatMap(({ tokens }) => tokens.map(({ symbol }) => symbol)))]
}

function checkAmount(text: string | undefined, currency: Currency | null, reject: Reject): bigint | null {
  if (text === undefined) return null
  const problems = amountProblems(text, currency)
  for (const problem of problems) reject('amount', problem)
  return problems.length === 0 && currency ? parseAmount(text, currency.decimals) : null
}

function amountProblems(text: string, currency: Currency | null): string[] {
  if (text.startsWith('-')) return [`"${text.slice(0, 40)}" is negative; write what is owed as a positive decimal`]
  if (!/^\d+(\.\d+)?$/.test(text)) return [`"${text.slice(0, 40)}" is no plain decimal; write it like "49.99"`]
  const digits = text.replace('.', '').length
  if (digits > MAX_DIGITS) return [`it has ${digits} digits; write at most ${MAX_DIGITS}`]
  const problems = /[1-9]/.test(text) ? [] : ['it is zero; an invoice asks for something']
  if (!currency) return problems
  const decimals = text.split('.')[1]?.length ?? 0
  if (decimals > currency.precision) {
    problems.push(`"${text}" has ${decimals} decimals; ${currency.symbol} has at most ${currency.precision}`)
  }
  const due = parseAmount(text, currency.decimals)
  if (due !== null && due > maxUint112) problems.push(`"${text}" is more than a payment can hold`)
  return problems
}

/** How long payer and merchant may take, in seconds. */
function checkDurations({ authorizeWithin, captureWithin }: ShapedPart, reject: Reject) {
  const capture = checkDuration('captureWithin', captureWithin, reject)
  const authorize = checkDuration('authorizeWithin', authorizeWithin, reject)
  if (authorize !== null && capture !== null && authorize > capture) {
    reject('authorizeWithin', `"${authorizeWithin}" is longer than captureWithin; shorten it or lengthen that`)
  }
  return capture === null ? null : { capture, authorize: authorize ?? Math.min(900, capture) }
}

function checkDuration(path: string, text: string | undefined, reject: Reject): number | null {
  if (text === undefined) return null
  const seconds = parseDuration(text)
  const problem = ((): string | null => {
    if (seconds === null) return 'is no duration; write it like "90s", "15m", "1h" or "2d"'
    if (seconds <= 0) return 'is over already; give the payer some time, like "15m"'
    if (seconds < MIN_SECONDS) return `is too short for a transaction; use at least "${MIN_SECONDS}s"`
    return seconds > MAX_SECONDS ? 'is too long to hold somebody\'s money; use at most "90d"' : null
  })()
  if (problem !== null) reject(path, `"${text}" ${problem}`)
  return problem === null ? seconds : null
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
