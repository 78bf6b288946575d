/** What `npm run demo` and `npm start` are asked to do: command line and environment, checked before anything starts. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { readPort } from '@mati/devnet'
import { fiats, formatAmount, type Invoice, InvalidInputError, MatiError, parseInvoice } from '@mati/sdk'

/** The local chains and the tokens that can be paid with and paid out on each. */
export const knownChains = ['A', 'B', 'C'].map((name) => ({
  name,
  tokens: [
    { symbol: 'WETH', decimals: 18, referenceUsd: 2_500 },
    { symbol: 'USDC', decimals: 6, referenceUsd: 1 },
    { symbol: 'MATI', decimals: 18, referenceUsd: 0.25 },
  ],
}))

export type Ports = { a: number; b: number; c: number; indexer: number; keeper: number }
export type DemoOptions = { invoice: Invoice; json: boolean; ports: Ports }

const root = path.resolve(import.meta.dirname, '../..')
const defaultInvoice = 'examples/invoice.json'
/** What the local pools are deep enough for, and how long the demo's own steps may take. */
const MAX_USD = 10_000
const MIN_CAPTURE_SECONDS = 60

export const demoHelp = `Usage: npm run demo [-- options]

Carries payments through all of Mati on three local chains: held on one, paid out there and on the others.

Options:
  --invoice FILE  the invoice to be paid (default ${defaultInvoice}; its schema is in the README)
  --json          print one JSON object as the last line
  --help          print this

Environment: MATI_PORT_A, MATI_PORT_B, MATI_PORT_C, MATI_PORT_INDEXER, MATI_PORT_KEEPER choose other ports than
8545, 8546, 8547, 42069 and 42070; FOUNDRY_SOLC a native solc 0.8.37 in place of npm's.`

export const startHelp = `Usage: npm start

Runs three local chains with everything of Mati on them until Ctrl-C: contracts, pools, message workers, fresh Chainlink
rounds, indexer and keeper.

Environment: MATI_PORT_A, MATI_PORT_B, MATI_PORT_C, MATI_PORT_INDEXER, MATI_PORT_KEEPER choose other ports than
8545, 8546, 8547, 42069 and 42070; FOUNDRY_SOLC a native solc 0.8.37 in place of npm's.`

/**
 * Reads the demo's command line.
 * @returns null if only help was asked for.
 * @throws InvalidInputError or MatiError with what to do about it.
 */
export function readDemoOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions | null {
  const options = { invoice: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } } as const
  const { values } = parseCommandLine(() => parseArgs({ args: [...args], options }), 'demo')
  if (values.help) return null
  const ports = readPorts(env)
  return { invoice: readInvoice(values.invoice), json: values.json ?? false, ports }
}

/** Reads the command line of `npm start`; null if only help was asked for. */
export function readStartOptions(args: readonly string[], env: NodeJS.ProcessEnv): { ports: Ports } | null {
  const options = { help: { type: 'boolean' } } as const
  const { values } = parseCommandLine(() => parseArgs({ args: [...args], options }), 'start')
  return values.help ? null : { ports: readPorts(env) }
}

export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const ports = {
    a: readPort(env, 'MATI_PORT_A', 8_545),
    b: readPort(env, 'MATI_PORT_B', 8_546),
    c: readPort(env, 'MATI_PORT_C', 8_547),
    indexer: readPort(env, 'MATI_PORT_INDEXER', 42_069),
    keeper: readPort(env, 'MATI_PORT_KEEPER', 42_070),
  }
  if (new Set(Object.values(ports)).size < Object.keys(ports).length) {
    const action =
      'Give each of MATI_PORT_A, MATI_PORT_B, MATI_PORT_C, MATI_PORT_INDEXER and MATI_PORT_KEEPER a port of its own.'
    throw new MatiError(`Two of the ports ${Object.values(ports).join(', ')} are the same`, {
      code: 'PORTS_EQUAL',
      action,
    })
  }
  return ports
}

function readInvoice(file: string | undefined): Invoice {
  // npm changes to the root; a relative path is meant from where the command was typed.
  const from = file === undefined ? root : (process.env['INIT_CWD'] ?? process.cwd())
  const target = path.resolve(from, file ?? defaultInvoice)
  let text: string
  try {
    text = readFileSync(target, 'utf8')
  } catch (cause) {
    const action = `Pass the path of an invoice, such as ${defaultInvoice}.`
    throw new MatiError(`Cannot read the invoice ${target}`, { code: 'INVOICE_UNREADABLE', action, cause })
  }
  const invoice = parseInvoice(text, { chains: knownChains })
  const issues = demoIssues(invoice)
  if (issues.length > 0) throw new InvalidInputError('INVOICE_INVALID', 'The invoice', issues)
  return invoice
}

/** What a valid invoice may ask for that this demo cannot do. Pure. */
export function demoIssues(invoice: Invoice): string[] {
  const issues: string[] = []
  const usd = Number(formatAmount(invoice.due, invoice.currencyDecimals)) * referenceUsd(invoice)
  if (usd > MAX_USD)
    issues.push(`amount: the local pools are deep enough for about ${MAX_USD} USD, not ${usd}; ask for less`)
  if (invoice.merchant) issues.push('merchant: the demo acts for a merchant of its own; leave it out')
  if (invoice.captureWithinSeconds < MIN_CAPTURE_SECONDS) {
    issues.push(`captureWithin: the demo needs "${MIN_CAPTURE_SECONDS}s" at least; give it more time`)
  }
  return issues
}

function referenceUsd({ currency, pay }: Invoice): number {
  if (fiats.some(({ symbol }) => symbol === currency)) return 1
  const tokens = knownChains.find(({ name }) => name === pay.chain)?.tokens
  return tokens?.find(({ symbol }) => symbol === currency)?.referenceUsd ?? Number.POSITIVE_INFINITY
}

/** Reads a command line. @throws MatiError `BAD_ARGUMENTS` that names the command's help. */
export function parseCommandLine<Parsed>(parse: () => Parsed, command: string): Parsed {
  try {
    return parse()
  } catch (cause) {
    const action = `See \`npm ${command === 'start' ? 'start' : `run ${command}`} -- --help\`.`
    throw new MatiError((cause as Error).message.split('\n')[0] ?? '', { code: 'BAD_ARGUMENTS', action, cause })
  }
}
