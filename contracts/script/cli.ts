/** What the command lines of the deploy path share: options, the key, the connection, how they end in an error. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { type Chain, createClient, createWalletClient, defineChain, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { getChainId } from 'viem/actions'
import { MatiError, type ReadingClient, type SendingClient } from '@mati/sdk'
import { DeployError } from './error.ts'

export type Options = {
  get(name: string): string | undefined
  /** All values of an option that may be repeated. */
  all(name: string): string[]
  require(name: string): string
  has(flag: string): boolean
}

/** Reads the command line; prints the usage and ends for `--help`, ends with an error for what is unknown. */
export function parseOptions(usage: string, names: readonly string[], flags: readonly string[] = []): Options {
  const config: ParseArgsConfig['options'] = Object.fromEntries([
    ...names.map((name) => [name, { type: 'string', multiple: true }] as const),
    ...[...flags, 'help'].map((flag) => [flag, { type: 'boolean' }] as const),
  ])
  try {
    const values = parseArgs({ options: config }).values as Record<string, string[] | boolean | undefined>
    if (values['help']) {
      console.log(usage)
      process.exit(0)
    }
    const all = (name: string) => (values[name] ?? []) as string[]
    return {
      all,
      get: (name) => all(name)[0],
      require: (name) => all(name)[0] ?? fail(`--${name} is missing.`, usage),
      has: (flag) => values[flag] === true,
    }
  } catch (error) {
    return fail((error as Error).message, usage)
  }
}

/** @throws DeployError if DEPLOYER_PRIVATE_KEY holds no key. Its value is never shown. */
export function privateKey(): Hex {
  const key = process.env['DEPLOYER_PRIVATE_KEY']
  if (key === undefined) throw new DeployError('DEPLOYER_PRIVATE_KEY is not set: export the key that deploys')
  if (!/^0x[0-9a-f]{64}$/i.test(key)) throw new DeployError('DEPLOYER_PRIVATE_KEY is no key: 0x and 64 hex digits')
  return key as Hex
}

/** A client of whatever chain answers at the URL, that sends with the key. */
export async function connect(url: string, key: Hex): Promise<SendingClient> {
  const account = privateKeyToAccount(key)
  const transport = http(url, { retryCount: 2 })
  return createWalletClient({ account, chain: await chainAt(url), transport, pollingInterval: 500 })
}

/** A client of whatever chain answers at the URL, that only reads; its calls of one moment travel together. */
export async function connectReading(url: string): Promise<ReadingClient> {
  return createClient({ chain: await chainAt(url), transport: http(url, { batch: true, retryCount: 2 }) })
}

/** @throws DeployError if nothing answers. */
async function chainAt(url: string): Promise<Chain> {
  const id = await getChainId(createClient({ transport: http(url, { retryCount: 2 }) })).catch((cause: unknown) => {
    throw new DeployError(`No node answers at ${url}`, { cause })
  })
  return defineChain({
    id,
    name: `chain ${id}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  })
}

/** Ends the process with one line on what is wrong, and the usage if that helps; the code is 2 for a wrong command line. */
export function fail(error: unknown, usage?: string, code = usage === undefined ? 1 : 2): never {
  const isExpected = error instanceof DeployError || error instanceof MatiError || typeof error === 'string'
  if (!isExpected) console.error(error)
  else if (typeof error === 'string') console.error(error)
  else console.error(error instanceof MatiError ? `${error.message}. ${error.action}` : error.message)
  if (usage !== undefined) console.error(`\n${usage}`)
  process.exit(code)
}
