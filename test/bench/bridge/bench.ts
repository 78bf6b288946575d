/** `npm run bench -- bridge`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findFreePort, type StackChain, startChains, type StackOptions } from '@mati/demo'
import { BenchError } from '../error.ts'
import type { BenchOptions } from '../options.ts'
import { measureGas } from './gas.ts'
import { formatTable, judge, toJson } from './report.ts'
import { bridgeRows } from './rows.ts'

const BLOCK_SECONDS = 0.1

/** Measures every row on chains of its own. False if a bar is to be checked and was missed. */
export async function benchBridge({ check, json }: BenchOptions): Promise<boolean> {
  const runDirectory = mkdtempSync(path.join(tmpdir(), 'mati-bench-'))
  const [a, b, c, indexer, keeper] = await Promise.all(Array.from({ length: 5 }, () => findFreePort()))
  if (!a || !b || !c || !indexer || !keeper) throw new BenchError('There are no free ports.')
  const options: StackOptions = {
    ports: { a, b, c, indexer, keeper },
    runDirectory,
    blockSeconds: BLOCK_SECONDS,
    onStep: (step) => console.error(step),
  }
  const network = await startChains(options)
  try {
    const [here, there] = network.chains as [StackChain, StackChain]
    network.workers.pause('executor')
    console.error('measuring gas')
    const measured = await network.lifetime.within(measureGas([here, there]))
    const rows = judge(
      bridgeRows.filter(({ unit }) => unit === 'gas'),
      measured,
    )
    console.log(formatTable(rows))
    if (json) console.log(JSON.stringify(toJson(rows)))
    return !check || rows.every(({ isKept }) => isKept !== false)
  } finally {
    await network.lifetime.stop()
    rmSync(runDirectory, { recursive: true, force: true })
  }
}
