/** `npm run bench -- bridge`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findFreePort, type StackChain, startChains, startServices, type StackOptions } from '@mati/demo'
import { BenchError } from '../error.ts'
import type { BenchOptions } from '../options.ts'
import { keeperEnv, measureLatency, measureThroughput } from './delivery.ts'
import { measureGas } from './gas.ts'
import { formatTable, judge, toJson } from './report.ts'
import { bridgeRows } from './rows.ts'

const BLOCK_SECONDS = 0.1
const BACKLOG = 400
const SPACED_OUT = 20

/** Measures every row on chains of its own. False if a bar is to be checked and was missed. */
export async function benchBridge({ check, json }: BenchOptions): Promise<boolean> {
  const runDirectory = mkdtempSync(path.join(tmpdir(), 'mati-bench-'))
  const [a, b, c, indexer, keeper] = await Promise.all(Array.from({ length: 5 }, () => findFreePort()))
  if (!a || !b || !c || !indexer || !keeper) throw new BenchError('There are no free ports.')
  const options: StackOptions = {
    ports: { a, b, c, indexer, keeper },
    runDirectory,
    blockSeconds: BLOCK_SECONDS,
    keeperEnv,
    onStep: (step) => console.error(step),
  }
  const network = await startChains(options)
  try {
    const [here, there] = network.chains as [StackChain, StackChain]
    network.workers.pause('executor')
    const measured = await network.lifetime.within(measure([here, there], () => startServices(options, network)))
    const rows = judge(bridgeRows, measured)
    console.log(formatTable(rows))
    if (json) console.log(JSON.stringify(toJson(rows)))
    return !check || rows.every(({ isKept }) => isKept !== false)
  } finally {
    await network.lifetime.stop()
    rmSync(runDirectory, { recursive: true, force: true })
  }
}

/** In an order in which nothing disturbs what comes after: the keeper begins only where it is measured. */
async function measure(ends: readonly [StackChain, StackChain], startKeeper: () => Promise<unknown>) {
  console.error('measuring gas')
  const gas = await measureGas(ends)
  console.error(`measuring how fast ${BACKLOG} messages are delivered`)
  const perSecond = await measureThroughput(ends, BACKLOG, startKeeper)
  console.error(`measuring how soon ${SPACED_OUT} messages are delivered, one after the other`)
  const latency = await measureLatency(ends, SPACED_OUT)
  return new Map([...gas, ['latency_p50_blocks', latency], ['deliveries_per_second', perSecond]] as const)
}
