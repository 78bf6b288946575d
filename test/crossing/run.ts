/** `npm run test:crossing`: payments, payouts and every fault at random over three chains, and every unit accounted for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findFreePort, startStack } from '@mati/demo'
import { formatEther } from 'viem'
import { explain } from '../../demo/src/explain.ts'
import { INTERRUPTED, Interrupted, onInterrupt } from '../../demo/src/interrupt.ts'
import { shareExecutor } from './faults.ts'
import { help, type CrossingOptions, readOptions } from './options.ts'
import { hireAll, play, type Shown } from './play.ts'
import { drawFrom } from './random.ts'
import { reckon, type Reckoning, takeBaseline } from './reckon.ts'
import { fund, setStage, type Stage, until } from './stage.ts'

const QUIET_MS = 240_000
/** Until the executor is helped: longer than a fault needs to come first. */
const GRACE_SECONDS = '10'

const startedAt = performance.now()
const seconds = () => Math.round((performance.now() - startedAt) / 1_000)
const say = (line: string) => console.log(`${String(seconds()).padStart(4)} s  ${line}`)

/** Nothing is left for keepers or workers to do, as the index says once it knows all there is at this moment. */
async function isQuiet({ stack: { api }, chains }: Stage): Promise<boolean> {
  const heads = await Promise.all(
    chains.map(async ({ chainId, client }) => ({ chainId, head: await client.getBlockNumber({ cacheTime: 0 }) })),
  )
  const isIndexed = async () => {
    const indexed = await api.getIndexed()
    return heads.every(({ chainId, head }) =>
      indexed.some((come) => come.chainId === chainId && come.blockNumber >= head),
    )
  }
  await until('the index knows all blocks', isIndexed)
  const [open, groups, held, accounts] = await Promise.all([
    api.getMessages({ isOpen: 'true' }),
    api.getGroups(),
    api.getPayments({ isHeld: 'true' }),
    api.getPayoutAccounts({ isWaiting: 'true' }),
  ])
  const left = [open.length, groups.length, held.length, accounts.length]
  if (left.some((count) => count > 0)) {
    say(`left: ${left[0]} messages, ${left[1]} groups, ${left[2]} holds, ${left[3]} payout accounts to open`)
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    return false
  }
  return true
}

function report({ seed, faults }: CrossingOptions, { book }: Stage, shown: Shown, reckoning: Reckoning): boolean {
  const { settlements, messages, ends, dust, differences } = reckoning
  const payouts = settlements.reduce((count, { members }) => count + members.length, 0)
  const rows: [string, string | number][] = [
    ['seed', seed],
    ['seconds', seconds()],
    ['payments', book.payments.length],
    ['merchants', book.merchants.length],
    ['sends by hand', book.sends.length],
    ['settlements', settlements.length],
    ['payouts in them', payouts],
    ['messages', messages.length],
    ...[...ends].toSorted().map(([end, count]): [string, number] => [`  ${end}`, count]),
    ['messages of strangers', book.strangers.length],
    ['dust left with senders', `${formatEther(dust)} MATI`],
    ...[...shown].map(([name, count]): [string, number] => [`fault: ${name}`, count]),
  ]
  console.log(`\n${rows.map(([name, value]) => `${name.padEnd(36)}${value}`).join('\n')}\n`)
  const missing = [...shown].filter(([, count]) => count < faults).map(([name]) => `${name} was not shown often enough`)
  const wrong = [...missing, ...differences]
  for (const each of wrong.slice(0, 40)) console.error(`WRONG (seed ${seed}): ${each}`)
  if (wrong.length > 40) console.error(`… and ${wrong.length - 40} more`)
  if (wrong.length === 0) console.log('Every unit is accounted for.')
  return wrong.length === 0
}

async function cross(stage: Stage, options: CrossingOptions): Promise<boolean> {
  say('funding payers and registering merchants')
  await fund(stage)
  await shareExecutor(stage)
  const merchants = await hireAll(stage)
  const baseline = await takeBaseline(stage)

  const { book } = stage
  const progress = setInterval(() => say(`${book.payments.length} payments, ${book.sends.length} sends`), 15_000)
  const shown = await play(stage, merchants, options, say).finally(() => clearInterval(progress))
  say('everything is healed; waiting until nothing is left to be done')
  await until('everything comes to its end', () => isQuiet(stage), QUIET_MS).catch((error: unknown) =>
    say(String(error)),
  )
  return report(options, stage, shown, await reckon(stage, baseline))
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (!options) {
    console.log(help)
    return 0
  }
  const signal = onInterrupt()
  const runDirectory = mkdtempSync(path.join(tmpdir(), 'mati-crossing-'))
  const [a, b, c, indexer, keeper] = await Promise.all(Array.from({ length: 5 }, () => findFreePort()))
  if (!a || !b || !c || !indexer || !keeper) throw new Error('There are no free ports.')
  console.log(`seed ${options.seed}`)
  const stack = await startStack({
    ports: { a, b, c, indexer, keeper },
    runDirectory,
    keeperEnv: { KEEPER_DELIVER_GRACE_SECONDS: GRACE_SECONDS },
    onStep: say,
    signal,
  })
  let isRight = false
  try {
    const stage = setStage(stack, drawFrom(options.seed))
    isRight = await Promise.race([cross(stage, options), stack.died])
    return isRight ? 0 : 1
  } finally {
    await stack.stop()
    if (isRight) rmSync(runDirectory, { recursive: true, force: true })
    else console.error(`seed ${options.seed}; logs are in ${path.join(runDirectory, 'logs')}`)
  }
}

process.exit(
  await main().catch((error: unknown) => {
    if (error instanceof Interrupted) return INTERRUPTED
    console.error(explain(error))
    return 1
  }),
)
