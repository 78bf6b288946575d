/** The examples' connection to a running `npm start`: its chains, its indexer, its funded accounts. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { deriveAccounts } from '@mati/devnet'
import { createApi, type Deployment, firstCause, MatiError, parseDeployment, type SendingClient } from '@mati/sdk'
import {
  type Account,
  createWalletClient,
  defineChain,
  type Hash,
  http,
  HttpRequestError,
  TimeoutError,
  type TransactionReceipt,
} from 'viem'
import { waitForTransactionReceipt } from 'viem/actions'

export type ExampleChain = { deployment: Deployment; wallet: (account: Account) => SendingClient }

const deployments = path.resolve(import.meta.dirname, '../.mati/deployments')
const port = (name: string, usual: number) => process.env[`MATI_PORT_${name}`] ?? usual

/** People of the local chains; in a program of your own these are your accounts. */
export const accounts = deriveAccounts()
export const api = createApi({ url: `http://127.0.0.1:${port('INDEXER', 42_069)}` })
const nodes = [
  { name: 'A', chainId: 90_901, url: `http://127.0.0.1:${port('A', 8_545)}` },
  { name: 'B', chainId: 90_902, url: `http://127.0.0.1:${port('B', 8_546)}` },
  { name: 'C', chainId: 90_903, url: `http://127.0.0.1:${port('C', 8_547)}` },
]
export const chainNames = nodes.map(({ name }) => name)

/** The chain of that name. */
export function chainNamed(name: string): ExampleChain {
  const node = nodes.find((each) => each.name === name)
  if (!node) throw new RangeError(`There is no chain ${name}`)
  return connect(node.chainId, node.url)
}

/** Waits until a transaction is mined. @throws MatiError `REVERTED` if it was refused after all. */
export async function mined(client: SendingClient, sent: Promise<Hash>): Promise<TransactionReceipt> {
  const hash = await sent
  const receipt = await waitForTransactionReceipt(client, { hash })
  if (receipt.status === 'success') return receipt
  throw new MatiError(`Transaction ${hash} reverted`, { code: 'REVERTED', action: 'Look at it with a block explorer.' })
}

/** Runs an example, and ends with one line on what is wrong if it fails. */
export async function run(example: () => Promise<void>): Promise<void> {
  try {
    await example()
  } catch (error) {
    const known = error instanceof MatiError ? `${error.message}. ${error.action}` : error
    console.error(describeUnreachable(error) ?? known)
    process.exitCode = 1
  }
}

const howToStart = 'Run `npm start` in another terminal and wait until it prints its endpoints.'

/** What to say if a node or the indexer did not answer; null if that is not what is wrong. */
export function describeUnreachable(error: unknown): string | null {
  const url = urlOf(firstCause(error, (cause) => urlOf(cause) !== null))
  return url === null ? null : `The local network is not reachable at ${new URL(url).origin}. ${howToStart}`
}

/** Where no answer came from, if that is what the error says. */
function urlOf(error: unknown): string | null {
  if (error instanceof MatiError && error.code === 'API_UNREACHABLE') return String(error.meta['url'])
  const isUnanswered = error instanceof TimeoutError || (error instanceof HttpRequestError && !error.status)
  return isUnanswered ? error.url : null
}

function connect(chainId: number, url: string): ExampleChain {
  const file = path.join(deployments, `${chainId}.json`)
  if (!existsSync(file)) {
    console.error(`There is no local network: ${file} is missing. ${howToStart}`)
    process.exit(1)
  }
  const deployment = parseDeployment(readFileSync(file, 'utf8'))
  const chain = defineChain({
    id: chainId,
    name: deployment.name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  })
  const wallet = (account: Account) => createWalletClient({ account, chain, transport: http(), pollingInterval: 250 })
  return { deployment, wallet }
}
