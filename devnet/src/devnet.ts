import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import path from 'node:path'
import type { Address } from 'viem'
import { deriveAccounts, testMnemonic, type Accounts } from './accounts.ts'
import { anvilBinary } from './anvil.ts'
import { baseFee, joinPresent, type Mining } from './clock.ts'
import { startChain, type ChainSpec, type LocalChain, type StartedChain } from './chain.ts'
import { formatLog, type Log } from './log.ts'
import { createMarket, type Prices } from './market.ts'
import { createPools, fillPools, matiForPools, type Pools } from './pools.ts'
import { assertPortFree } from './ports.ts'
import { catchUp, runMarket, type LiveMarket, type TradedChain } from './trading.ts'
import { startWorkers, type Workers } from './workers.ts'

/** Any number of chains, but one at least; names, ids, endpoint ids and ports differ. */
export type ChainSpecs = readonly [ChainSpec, ...ChainSpec[]]

export interface DevnetOptions {
  /** Messages lead from each to every other one. The first is the one that Mati calls home. */
  chains: ChainSpecs
  mnemonic?: string
  /** Seconds between blocks once the chains have reached the present. Default 1. */
  blockSeconds?: number
  /** How far in the past the chains begin; feeds and pools get that much history. Default 4 hours. */
  historySeconds?: number
  /** The same seed gives the same prices. Default 1. */
  seed?: number
  /** Blocks that DVNs wait for where an application pins nothing else. Default 1. */
  confirmations?: bigint
  /** A feed publishes at least this often. Default 30 s, so that a watcher sees fresh rounds. */
  heartbeatSeconds?: number
  /** …and whenever the price moved by this much. Default 10 bps; 50 bps, as on a main network, would be rare here. */
  deviationBps?: number
  /** Where each chain, the workers and the market write a log file. Default: nowhere. */
  logDirectory?: string
}

export interface Devnet {
  accounts: Accounts
  /** In the order of the options. */
  chains: readonly LocalChain[]
  /** The chain of that name. @throws RangeError if there is none. */
  chain(name: string): LocalChain
  /** USD prices of this moment, 8 decimals. */
  prices(): Prices
  /** MATI (18 decimals) that the account `lp` must own on a chain before `seedPools`. */
  matiForPools: bigint
  /** Creates the MATI/WETH, MATI/USDC and WETH/USDC pools, still empty; their addresses are final. */
  createPools(chain: LocalChain, mati: Address): Promise<Pools>
  /** Fills the pools (creating them if need be) from the accounts `lp` and `arbitrageur`. */
  seedPools(chain: LocalChain, mati: Address): Promise<Pools>
  /** Starts the DVNs and the executor; may be called again after its `stop`. */
  startWorkers(): Workers
  /** Leads all chains from the past to the present, and lets them mine by the clock. */
  finishSetup(): Promise<void>
  /** Publishes rounds and keeps the pools in line from now on. */
  startMarket(): void
  /** Rejects when a chain's process ends by itself; never resolves. Race on it. */
  died: Promise<never>
  /** Ends workers, market and chains. Chains ignore a Ctrl-C: whoever starts them must call this when it comes. */
  stop(): Promise<void>
}

const gasLimit = 30_000_000n
const stepSeconds = 600
const tickSeconds = 5
const now = () => Math.floor(Date.now() / 1_000)

/** The chains A, B and C as everybody expects them, on the given ports. */
export function localChains(ports: { a: number; b: number; c: number }) {
  return [
    { name: 'A', chainId: 90_901, eid: 40_901, port: ports.a },
    { name: 'B', chainId: 90_902, eid: 40_902, port: ports.b },
    { name: 'C', chainId: 90_903, eid: 40_903, port: ports.c },
  ] as const satisfies ChainSpecs
}

/**
 * Checks what can be checked before any process starts: the binary and the ports.
 * @throws DevnetError `binary-missing`, `port-in-use`
 */
export async function checkDevnet(chains: ChainSpecs): Promise<void> {
  anvilBinary()
  for (const { name, port } of chains) {
    await assertPortFree(port, { purpose: `chain ${name}`, setting: `MATI_PORT_${name}` })
  }
}

/**
 * Starts the chains, all at once, in the past with everything a real network has. Then, in this order: deploy, `createPools`,
 * `startWorkers`, bridge MATI, `seedPools` on each chain, `finishSetup`, `startMarket`.
 * @throws DevnetError `binary-missing`, `artifact-missing`, `port-in-use`, `process-died`, `start-timeout`
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const specs = options.chains
  await checkDevnet(specs)
  const logs = openLogs(options.logDirectory)
  const accounts = deriveAccounts(options.mnemonic ?? testMnemonic)
  const market = createMarket(options.seed ?? 1)
  const policy = { heartbeatSeconds: options.heartbeatSeconds ?? 30, deviationBps: options.deviationBps ?? 10 }
  const startedAt = now() - (options.historySeconds ?? 4 * 3_600)

  const start = (spec: ChainSpec) =>
    startChain(spec, {
      accounts,
      mnemonic: options.mnemonic ?? testMnemonic,
      timestamp: startedAt,
      gasLimit,
      baseFee,
      remoteEids: specs.filter((other) => other !== spec).map(({ eid }) => eid),
      confirmations: options.confirmations ?? 1n,
      prices: market.prices(),
      onOutput: (text) => logs.text(`chain-${spec.name}`, text),
    })
  const started = await startAll(specs.map(start))
  const chains = started.map(({ chain }) => chain)
  const traded = chains.map((chain) => toTraded(chain, market.prices(), startedAt))
  const died = Promise.race(started.map(({ anvil }) => anvil.died))
  died.catch(() => undefined) // Heard by whoever races on it.
  let workers: Workers | undefined
  let live: LiveMarket | undefined
  let joined: readonly Mining[] = []

  async function createPoolsOn(chain: LocalChain, mati: Address): Promise<Pools> {
    return createPools(chain, mati, market.prices())
  }

  return {
    accounts,
    chains,
    chain(name) {
      const found = chains.find((candidate) => candidate.name === name)
      if (!found) throw new RangeError(`There is no chain ${name}`)
      return found
    },
    prices: market.prices,
    matiForPools: matiForPools(market.prices()),
    died,
    createPools: createPoolsOn,
    async seedPools(chain, mati) {
      const pools = await createPoolsOn(chain, mati)
      await fillPools(chain, mati, pools, market.prices())
      for (const it of traded) if (it.chain.chainId === chain.chainId) it.pools = pools
      return pools
    },
    startWorkers() {
      const operators = { dvn1: accounts.dvn1, dvn2: accounts.dvn2, executor: accounts.executor }
      workers = startWorkers({ chains, operators, log: logs.lines('workers') })
      return workers
    },
    async finishSetup() {
      await catchUp(traded, market, { stepSeconds, policy, now })
      const join = async ({ chain, mining }: StartedChain) => {
        await mining.stop()
        return joinPresent(chain.client, options.blockSeconds ?? 1, now())
      }
      joined = await Promise.all(started.map(join))
    },
    startMarket() {
      live = runMarket(traded, market, { tickSeconds, policy, now, log: logs.lines('market') })
    },
    async stop() {
      await Promise.all([workers?.stop(), live?.stop()])
      await Promise.all(joined.map((mining) => mining.stop()))
      await Promise.all(started.map((chain) => chain.stop()))
      logs.close()
    },
  }
}

/** All or none: if one chain does not start, the others are ended. */
async function startAll(starting: readonly Promise<StartedChain>[]): Promise<StartedChain[]> {
  const outcomes = await Promise.allSettled(starting)
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (!failure) return started
  await Promise.all(started.map((chain) => chain.stop()))
  throw failure.reason
}

function toTraded(chain: LocalChain, prices: Prices, updatedAt: number): TradedChain {
  const lastRounds = { ethUsd: { answer: prices.ETH, updatedAt }, usdcUsd: { answer: prices.USDC, updatedAt } }
  return { chain, lastRounds }
}

function openLogs(directory: string | undefined) {
  const files = new Map<string, WriteStream>()
  if (directory) mkdirSync(directory, { recursive: true })
  const text = (name: string, content: string) => {
    if (!directory) return
    const file = files.get(name) ?? createWriteStream(path.join(directory, `${name}.log`), { flags: 'a' })
    files.set(name, file)
    file.write(content)
  }
  return {
    text,
    lines:
      (name: string): Log =>
      (line) =>
        text(name, `${formatLog(line, new Date())}\n`),
    close: () => files.forEach((file) => file.end()),
  }
}
