/** The examples' connection to a running `npm start`: its chains, its indexer, its funded accounts. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { deriveAccounts } from '@mati/devnet'
import { createApi, type Deployment, MatiError, parseDeployment, type SendingClient } from '@mati/sdk'
import { type Account, createWalletClient, defineChain, type Hash, http, type TransactionReceipt } from 'viem'
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
    console.error(error instanceof MatiError ? `${error.message}. ${error.action}` : error)
    process.exitCode = 1
  }
}

function connect(chainId: number, url: string): ExampleChain {
  const file = path.join(deployments, `${chainId}.json`)
  if (!existsSync(file)) {
    console.error(`There is no ${file}. Run \`npm start\` in another terminal and wait until it prints its endpoints.`)
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
