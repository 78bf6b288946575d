import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import path from 'node:path'
import type { Address } from 'viem'
import { deriveAccounts, testMnemonic, type Accounts } from './accounts.ts'
import { anvilBinary, type Anvil } from './anvil.ts'
import { baseFee } from './clock.ts'
import { startChain, type ChainSpec, type LocalChain } from './chain.ts'
import { formatLog, type Log } from './log.ts'
import { createMarket, type Prices } from './market.ts'
import { createPools, fillPools, matiForPools, type Pools } from './pools.ts'
import { assertPortFree } from './ports.ts'
import { catchUp, runMarket, type LiveMarket, type TradedChain } from './trading.ts'
import { startWorkers, type Workers } from './workers.ts'

export interface DevnetOptions {
  /** The chain that Mati calls home, and the other one. */
  chains: { a: ChainSpec; b: ChainSpec }
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
  a: LocalChain
  b: LocalChain
  chains: readonly [LocalChain, LocalChain]
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
  /** Leads both chains from the past to the present, and lets them mine by the clock. */
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

/** The two chains, A and B, as everybody expects them, on the given ports. */
export function localChains(ports: { a: number; b: number }): DevnetOptions['chains'] {
  return {
    a: { name: 'A', chainId: 90_901, eid: 40_901, port: ports.a },
    b: { name: 'B', chainId: 90_902, eid: 40_902, port: ports.b },
  }
}

/**
 * Checks what can be checked before any process starts: the binary and the ports.
 * @throws DevnetError `binary-missing`, `port-in-use`
 */
export async function checkDevnet({ a, b }: DevnetOptions['chains']): Promise<void> {
  anvilBinary()
  await assertPortFree(a.port, { purpose: `chain ${a.name}`, setting: 'MATI_PORT_A' })
  await assertPortFree(b.port, { purpose: `chain ${b.name}`, setting: 'MATI_PORT_B' })
}

/**
 * Starts both chains in the past with everything a real network has. Then, in this order: deploy, `createPools`,
 * `startWorkers`, bridge MATI, `seedPools` on each chain, `finishSetup`, `startMarket`.
 * @throws DevnetError `binary-missing`, `artifact-missing`, `port-in-use`, `process-died`, `start-timeout`
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { a: specA, b: specB } = options.chains
  await checkDevnet(options.chains)
  const logs = openLogs(options.logDirectory)
  const accounts = deriveAccounts(options.mnemonic ?? testMnemonic)
  const market = createMarket(options.seed ?? 1)
  const policy = { heartbeatSeconds: options.heartbeatSeconds ?? 30, deviationBps: options.deviationBps ?? 10 }
  const startedAt = now() - (options.historySeconds ?? 4 * 3_600)

  const start = (spec: ChainSpec, remote: ChainSpec) =>
    startChain(spec, {
      accounts,
      mnemonic: options.mnemonic ?? testMnemonic,
      timestamp: startedAt,
      gasLimit,
      baseFee,
      remoteEids: [remote.eid],
      confirmations: options.confirmations ?? 1n,
      prices: market.prices(),
      onOutput: (text) => logs.text(`chain-${spec.name}`, text),
    })
  const [a, b] = await startBoth(start(specA, specB), start(specB, specA))
  const traded = [a, b].map(({ chain }) => toTraded(chain, market.prices(), startedAt))
  const died = Promise.race([a.anvil.died, b.anvil.died])
  died.catch(() => undefined) // Heard by whoever races on it.
  let workers: Workers | undefined
  let live: LiveMarket | undefined

  async function createPoolsOn(chain: LocalChain, mati: Address): Promise<Pools> {
    return createPools(chain, mati, market.prices())
  }

  return {
    accounts,
    a: a.chain,
    b: b.chain,
    chains: [a.chain, b.chain],
    prices: market.prices,
    matiForPools: matiForPools(market.prices()),
    died,
    createPools: createPoolsOn,
    async seedPools(chain, mati) {
      const pools = await createPoolsOn(chain, mati)
      await fillPools(chain, mati, pools, market.prices())
      for (const it of traded) if (it.chain === chain) it.pools = pools
      return pools
    },
    startWorkers() {
      const operators = { dvn1: accounts.dvn1, dvn2: accounts.dvn2, executor: accounts.executor }
      workers = startWorkers({ chains: [a.chain, b.chain], operators, log: logs.lines('workers') })
      return workers
    },
    finishSetup: () => catchUp(traded, market, { stepSeconds, blockSeconds: options.blockSeconds ?? 1, policy, now }),
    startMarket() {
      live = runMarket(traded, market, { tickSeconds, policy, now, log: logs.lines('market') })
    },
    async stop() {
      await Promise.all([workers?.stop(), live?.stop()])
      await Promise.all([a.anvil.stop(), b.anvil.stop()])
      logs.close()
    },
  }
}

type Started = { anvil: Anvil; chain: LocalChain }

/** Both or none: if one chain does not start, the other is ended. */
async function startBoth(a: Promise<Started>, b: Promise<Started>): Promise<[Started, Started]> {
  const started = await Promise.allSettled([a, b])
  const [first, second] = started
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value]
  await Promise.all(started.map((it) => (it.status === 'fulfilled' ? it.value.anvil.stop() : undefined)))
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason
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
