/** The keeper put together: database, chains, duties, HTTP. */
import type { Server } from 'node:http'
import { createApi } from '@mati/sdk'
import type { Logger } from 'pino'
import { createAlarms } from './alarms/alarms.ts'
import { startWatchman } from './alarms/watchman.ts'
import { createChainClient, createConstants, type Chain, type Head } from './chains.ts'
import type { ChainConfig, Config } from './config.ts'
import { openDatabase } from './database.ts'
import type { Duty } from './duty.ts'
import { assessHealth, type Health } from './health.ts'
import { createJobs } from './jobs/jobs.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createPools } from './routes/pools.ts'
import { serve } from './server.ts'
import { createLocalSigner } from './signers/local.ts'
import type { Signer } from './signers/signer.ts'
import { createSenderChain } from './transactions/chain.ts'
import { createSender } from './transactions/sender.ts'
import { createTransactionStore, type TransactionStore } from './transactions/store.ts'
import { watchChain, type Watch } from './watch.ts'

/** How long a used nonce may lack a receipt: nodes behind one address lag behind each other. */
const SUPERSEDE_AFTER_MS = 30_000

export type Keeper = {
  /** Stops at the next safe point: what is not finished is stored, and goes on with the next start. */
  stop(): Promise<void>
}

/** Starts the keeper. @throws MatiError if database or port cannot be had */
export async function runKeeper(config: Config, log: Logger): Promise<Keeper> {
  const { pollMs } = config
  const controller = new AbortController()
  const { signal } = controller
  const metrics = createMetrics()
  const clocks = new Map<number, number>()
  const index = createApi({ url: config.indexerUrl })
  const database = await openDatabase(config.database, log)
  const watches: Watch[] = []
  const duties: Duty[] = []
  const alarms = createAlarms({ metrics, log, nowMs: Date.now })
  let watchman: { stopped: Promise<void> } | undefined

  async function stopWork(): Promise<void> {
    controller.abort()
    await Promise.all([...watches, ...duties, ...(watchman ? [watchman] : [])].map(({ stopped }) => stopped))
    await database.close()
  }

  async function start(): Promise<Server> {
    const store = await createTransactionStore(database)
    const signer = createLocalSigner(config.privateKey)
    const chains = new Map<number, Chain>()
    for (const chainConfig of config.chains) {
      const chain = createChain(chainConfig, { config, signer, store, metrics, log })
      chains.set(chain.deployment.chainId, chain)
      const onLook = (head: Head) => duties.forEach((duty) => duty.onHead(chain, head))
      watches.push(watchChain({ chain, wsUrl: chainConfig.wsUrl, clocks, pollMs, onLook, metrics, log, signal }))
    }
    for (const startJob of createJobs(config, log)) {
      duties.push(await startJob({ index, chains, clocks, database, metrics, log, pollMs, signal }))
    }
    watchman = startWatchman({
      chains: [...chains.values()],
      index,
      clocks,
      alarms,
      metrics,
      log,
      everyMs: config.alarmSeconds * 1_000,
      lateSeconds: config.lateSeconds,
      signal,
    })
    return serve({ health, metrics: metrics.render }, config)
  }

  function health(): Health {
    const [jobs, chains] = [duties.map((duty) => duty.report()), watches.map((watch) => watch.report())]
    return assessHealth({ jobs, chains, alarms: alarms.raised() }, { minBalance: config.minBalance, nowMs: Date.now() })
  }

  const server = await start().catch(async (error: unknown) => {
    await stopWork()
    throw error
  })
  log.info({ chains: config.chains.map((chain) => chain.deployment.chainId), jobs: config.jobs }, 'keeper started')

  return {
    async stop() {
      log.info('stopping')
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await stopWork()
      log.info('stopped')
    },
  }
}

type Parts = { config: Config; signer: Signer; store: TransactionStore; metrics: Metrics; log: Logger }

function createChain({ deployment, rpcUrl }: ChainConfig, { config, signer, store, metrics, log }: Parts): Chain {
  const client = createChainClient(deployment, rpcUrl)
  const { chainId } = deployment
  const sender = createSender({
    chainId,
    chain: createSenderChain(client, signer.address),
    signer,
    store,
    log,
    clock: () => performance.now(),
    policy: {
      rebroadcastAfterMs: config.rebroadcastSeconds * 1_000,
      replaceAfterMs: config.replaceSeconds * 1_000,
      supersedeAfterMs: SUPERSEDE_AFTER_MS,
      maxFeePerGas: config.maxFeePerGas,
    },
    onFinished(_, outcome) {
      metrics.add('keeper_transactions_total', { chain: chainId, result: outcome.status })
      if (outcome.status !== 'superseded')
        metrics.add('keeper_gas_used_total', { chain: chainId }, Number(outcome.gasUsed))
    },
  })
  const pools = createPools(client, deployment, () => performance.now())
  return { deployment, client, signer: signer.address, sender, pools, ...createConstants(client, deployment) }
}
