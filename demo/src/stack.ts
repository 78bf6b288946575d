/** All of Mati on three local chains, started in order and ended in reverse: what demo, `npm start` and scenarios run on. */
import { rmSync } from 'node:fs'
import path from 'node:path'
import { forgeBinary, forgeEnvironment } from '@mati/contracts/tool/forge'
import {
  type Accounts,
  assertPortFree,
  checkDevnet,
  type Devnet,
  localChains,
  startDevnet,
  type Workers,
} from '@mati/devnet'
import { type IndexerEnd, startIndexer } from '@mati/indexer/start'
import { startKeeper } from '@mati/keeper'
import { type Api, createApi, MatiError, sendCall, type SendingClient } from '@mati/sdk'
import { type Address, erc20Abi, type Hex, toHex } from 'viem'
import { waitForTransactionReceipt } from 'viem/actions'
import { bridgeMati } from './bridge.ts'
import { buildContracts } from './build.ts'
import { GENESIS } from './config.ts'
import { writeDeclarations } from './declarations.ts'
import { type DeployedChain, deployLocal } from './deployment.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import type { Ports } from './options.ts'

export type StackOptions = {
  ports: Ports
  /** Where deployments, logs and databases of this run go; emptied first. */
  runDirectory: string
  /** Told of every step as it begins. */
  onStep?: (step: string) => void
  /** Seconds between blocks; 1 by default. */
  blockSeconds?: number
  /** Variables of the keeper's that differ from the usual (`keeper/README.md`). */
  keeperEnv?: Readonly<Record<string, string>>
  /** Whether to compile first; true by default. */
  build?: boolean
  /** Ends it, also while it is still starting. */
  signal?: AbortSignal
}

/** One chain of the stack, with what is deployed on it. */
export type StackChain = DeployedChain

export type Stack = {
  devnet: Devnet
  accounts: Accounts
  /** Home first. */
  chains: readonly StackChain[]
  /** The DVNs and the executor, which can be paused. */
  workers: Workers
  api: Api
  urls: { indexer: string; keeper: string }
  /** Rejects when a part of it ends by itself, with that part's last words; never resolves. Race on it. */
  died: Promise<never>
  stop: () => Promise<void>
}

/**
 * Checks what can be checked before any process starts.
 * @throws ToolError or DevnetError for a missing compiler or binary, or a port in use.
 */
export async function checkStack({ ports }: Pick<StackOptions, 'ports'>): Promise<void> {
  forgeBinary()
  forgeEnvironment()
  await checkDevnet(localChains(ports))
  await assertPortFree(ports.indexer, { purpose: 'the indexer', setting: 'MATI_PORT_INDEXER' })
  await assertPortFree(ports.keeper, { purpose: 'the keeper', setting: 'MATI_PORT_KEEPER' })
}

/** The chains of a stack, with everything of Mati but what watches them. */
export type StackChains = Pick<Stack, 'devnet' | 'accounts' | 'chains' | 'workers'> & {
  /** What else begins ends with them. */
  lifetime: Lifetime
}

/**
 * Compiles, starts the chains in the past, deploys, wires, bridges and seeds, and leads the chains to the present. Ends
 * what it started if it fails, or if the signal says so.
 */
export async function startChains(options: StackOptions): Promise<StackChains> {
  const { ports, runDirectory, onStep = () => {} } = options
  await checkStack(options)
  if (options.build ?? true) {
    onStep('compiling the contracts')
    buildContracts()
  }
  rmSync(runDirectory, { recursive: true, force: true })
  const lifetime = createLifetime(options.signal)
  try {
    onStep('starting three chains with LayerZero, Uniswap and Chainlink on them')
    const devnet = await lifetime.begin(
      startDevnet({
        chains: localChains(ports),
        logDirectory: path.join(runDirectory, 'logs'),
        blockSeconds: options.blockSeconds ?? 1,
      }),
    )
    devnet.died.catch(lifetime.end)
    const { chains, workers } = await lifetime.within(deployEverything(devnet, runDirectory, onStep))
    return { devnet, accounts: devnet.accounts, chains, workers, lifetime }
  } catch (error) {
    await lifetime.stop()
    throw error
  }
}

/** Starts everything: the chains, and then indexer and keeper. Ends what it started if it fails, or if the signal says so. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const started = await startChains(options)
  const { lifetime, ...chains } = started
  try {
    options.onStep?.('starting indexer and keeper')
    const urls = await startServices(options, started)
    return {
      ...chains,
      api: createApi({ url: urls.indexer }),
      urls,
      died: lifetime.ended,
      stop: lifetime.stop,
    }
  } catch (error) {
    await lifetime.stop()
    throw error
  }
}

/** Starts indexer and keeper, both at once: the keeper is well as soon as the indexer answers. */
export async function startServices(
  options: StackOptions,
  { devnet, lifetime }: Pick<StackChains, 'devnet' | 'lifetime'>,
): Promise<Stack['urls']> {
  const { ports, runDirectory } = options
  const deploymentsDir = path.join(runDirectory, 'deployments')
  const logFile = (part: string) => path.join(runDirectory, 'logs', `${part}.log`)
  const rpc = Object.fromEntries(
    devnet.chains.map(({ chainId, rpcUrl, wsUrl }) => [chainId, { http: rpcUrl, ws: wsUrl }]),
  )
  const onExit = (part: string) => (end: Pick<IndexerEnd, 'code' | 'lastWords'>) =>
    lifetime.end(
      new MatiError(`The ${part} ended (exit code ${end.code}). Its last words:\n${end.lastWords}`, {
        code: 'PROCESS_DIED',
        action: `Read ${logFile(part)}.`,
      }),
    )
  const [indexer, keeper] = await Promise.all([
    lifetime.begin(
      startIndexer({
        deploymentsDir,
        rpc,
        port: ports.indexer,
        dataDir: path.join(runDirectory, 'indexer'),
        logFile: logFile('indexer'),
        onExit: onExit('indexer'),
        signal: lifetime.signal,
      }),
    ),
    lifetime.begin(
      startKeeper({
        env: keeperEnvironment(options, devnet, `http://127.0.0.1:${ports.indexer}`, deploymentsDir),
        logFile: logFile('keeper'),
        onExit: onExit('keeper'),
        signal: lifetime.signal,
      }),
    ),
  ])
  return { indexer: indexer.url, keeper: keeper.url }
}

async function deployEverything(
  devnet: Devnet,
  runDirectory: string,
  onStep: (step: string) => void,
): Promise<{ chains: readonly StackChain[]; workers: Workers }> {
  const { accounts } = devnet
  onStep('deploying Mati on each, with the pool that prices it')
  const deployed = await deployLocal(devnet)
  const { chains } = deployed
  writeDeclarations(runDirectory, deployed)

  onStep('bridging MATI to the chains it is not minted on, and filling the pools')
  const workers = devnet.startWorkers()
  await bridgeToOthers(chains, workers)
  await Promise.all(
    chains.map(async (chain) => {
      const mati = chain.deployment.contracts.token
      await transfer(chain.wallet('deployer'), mati, accounts.lp.address, devnet.matiForPools)
      await devnet.seedPools(chain, mati)
    }),
  )

  onStep('leading all chains from the past to the present')
  await devnet.finishSetup()
  devnet.startMarket()
  return { chains, workers }
}

/** Sends a quarter of all MATI to each chain but the first, where it was minted. */
async function bridgeToOthers([home, ...others]: readonly StackChain[], workers: Workers): Promise<void> {
  if (!home) return
  const deployer = home.wallet('deployer')
  const { token } = home.deployment.contracts
  const guids: Hex[] = []
  for (const { eid } of others) {
    guids.push(await bridgeMati(deployer, { token, eid, to: deployer.account.address, amount: GENESIS / 4n }))
  }
  await Promise.all(guids.map((guid) => workers.delivered(guid)))
}

/** Sends tokens of the client's account, and waits until that is mined. */
export async function transfer(client: SendingClient, token: Address, to: Address, amount: bigint): Promise<void> {
  const hash = await sendCall(client, { address: token, abi: erc20Abi, functionName: 'transfer', args: [to, amount] })
  await waitForTransactionReceipt(client, { hash })
}

function keeperEnvironment(
  { ports, runDirectory, keeperEnv }: StackOptions,
  devnet: Devnet,
  indexerUrl: string,
  deploymentsDir: string,
): Record<string, string> {
  const { privateKey } = devnet.accounts.keeper.getHdKey()
  if (!privateKey) throw new Error("The keeper's account has no private key")
  return {
    MATI_DEPLOYMENTS: deploymentsDir,
    MATI_INDEXER_URL: indexerUrl,
    ...Object.fromEntries(
      devnet.chains.flatMap(({ chainId, rpcUrl, wsUrl }) => [
        [`MATI_RPC_${chainId}`, rpcUrl],
        [`MATI_WS_${chainId}`, wsUrl],
      ]),
    ),
    KEEPER_PRIVATE_KEY: toHex(privateKey),
    KEEPER_DATA_DIR: path.join(runDirectory, 'keeper'),
    PORT: String(ports.keeper),
    ...keeperEnv,
  }
}
