/** All of Mati on three local chains, started in order and ended in reverse: what demo, `npm start` and scenarios run on. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { configure } from '@mati/contracts/script/configure'
import { deployContracts } from '@mati/contracts/script/contracts'
import { handOver } from '@mati/contracts/script/handOver'
import { wirePathway } from '@mati/contracts/script/wire'
import { forge, forgeBinary, forgeEnvironment } from '@mati/contracts/tool/forge'
import {
  type Accounts,
  assertPortFree,
  checkDevnet,
  type Devnet,
  type LocalChain,
  localChains,
  startDevnet,
  type Workers,
} from '@mati/devnet'
import { type IndexerEnd, startIndexer } from '@mati/indexer/start'
import { startKeeper } from '@mati/keeper'
import { type Api, createApi, type Deployment, MatiError, sendCall, type SendingClient } from '@mati/sdk'
import { type Account, type Address, createWalletClient, erc20Abi, type Hex, http, toHex } from 'viem'
import { waitForTransactionReceipt } from 'viem/actions'
import { bridgeMati } from './bridge.ts'
import { configOf, GENESIS, pathwaysOf } from './config.ts'
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
export type StackChain = LocalChain & {
  deployment: Deployment
  /** A client that sends as one of the named accounts. */
  wallet: (account: keyof Accounts) => SendingClient
}

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

/**
 * Compiles, starts the chains in the past, deploys, wires, bridges and seeds, leads the chains to the present, and
 * starts indexer and keeper. Ends what it started if it fails, or if the signal says so.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
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
    onStep('starting indexer and keeper')
    const { indexer, keeper } = await startServices(options, devnet, lifetime)
    return {
      devnet,
      accounts: devnet.accounts,
      chains,
      workers,
      api: createApi({ url: indexer.url }),
      urls: { indexer: indexer.url, keeper: keeper.url },
      died: lifetime.ended,
      stop: lifetime.stop,
    }
  } catch (error) {
    await lifetime.stop()
    throw error
  }
}

/** Both at once: the keeper is well as soon as the indexer answers. */
async function startServices(options: StackOptions, devnet: Devnet, lifetime: Lifetime) {
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
  return { indexer, keeper }
}

/** Compiles what is deployed. @throws MatiError if it does not compile; forge has said why. */
function buildContracts(): void {
  if (forge(['build', 'contracts/src', 'devnet/contracts'], { quiet: true }) === 0) return
  throw new MatiError('The contracts do not compile', {
    code: 'BUILD_FAILED',
    action: 'Correct what forge names above.',
  })
}

async function deployEverything(
  devnet: Devnet,
  runDirectory: string,
  onStep: (step: string) => void,
): Promise<{ chains: readonly StackChain[]; workers: Workers }> {
  const { accounts } = devnet
  onStep('deploying Mati on each, with the pool that prices it')
  const deployed = await Promise.all(
    devnet.chains.map(async (local, i) => {
      const config = configOf(local, accounts, { home: i === 0 })
      const wallet = (name: keyof Accounts) => walletOf(local, accounts[name])
      const { contracts, startBlock } = await deployContracts(wallet('deployer'), config)
      await devnet.createPools(local, contracts.token)
      const deployment = await configure(wallet('deployer'), config, { contracts, startBlock })
      return { local, config, chain: { ...local, wallet, deployment } }
    }),
  )
  const chains = deployed.map(({ chain }) => chain)
  await wireAll(chains)
  await Promise.all(
    deployed.map(({ config, chain }) => handOver(chain.wallet('deployer'), config, chain.deployment.contracts)),
  )
  writeDeployments(path.join(runDirectory, 'deployments'), chains)

  onStep('bridging MATI to the chains it is not minted on, and filling the pools')
  const workers = devnet.startWorkers()
  await bridgeToOthers(chains, workers)
  await Promise.all(
    deployed.map(async ({ local, chain: { wallet, deployment } }) => {
      const mati = deployment.contracts.token
      await transfer(wallet('deployer'), mati, accounts.lp.address, devnet.matiForPools)
      await devnet.seedPools(local, mati)
    }),
  )

  onStep('leading all chains from the past to the present')
  await devnet.finishSetup()
  devnet.startMarket()
  return { chains, workers }
}

/** Opens every pathway, one after the other: those that share a chain are opened by the same account. */
async function wireAll(chains: readonly StackChain[]): Promise<void> {
  const sideOf = (id: number) => {
    const chain = chains.find(({ chainId }) => chainId === id)
    if (!chain) throw new RangeError(`A pathway leads to chain ${id}, which was not started`)
    return { client: chain.wallet('deployer'), end: chain.deployment }
  }
  for (const pathway of pathwaysOf(chains)) {
    const [one, other] = pathway.ends
    await wirePathway([sideOf(one.chainId), sideOf(other.chainId)], pathway)
  }
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

function walletOf(chain: LocalChain, account: Account): SendingClient {
  return createWalletClient({ account, chain: chain.client.chain, transport: http(chain.rpcUrl), pollingInterval: 100 })
}

function writeDeployments(directory: string, chains: readonly StackChain[]): void {
  mkdirSync(directory, { recursive: true })
  for (const { chainId, deployment } of chains) {
    writeFileSync(path.join(directory, `${chainId}.json`), `${JSON.stringify(deployment, null, 2)}\n`)
  }
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
