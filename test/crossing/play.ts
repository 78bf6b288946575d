/** Plays payments, sends and faults at the same time, as they were drawn. */
import { type Chain, MATI } from '../drills/world.ts'
import type { Merchant } from './book.ts'
import { type FaultName, faults, type Way } from './faults.ts'
import type { CrossingOptions } from './options.ts'
import { drawFrom } from './random.ts'
import { amountOf, hire, pay, sendTo, sleep, type Stage, tokensOn } from './stage.ts'

/** How many go out at the same moment. */
const AT_ONCE = 2
/** How often what a keeper or a worker was too fast for is tried again. */
const TRIES = 4
const CYCLES = [0, 6, 10]

export type Shown = Map<FaultName, number>

/** Merchants on every chain; of four, one is not registered where it is paid. */
export async function hireAll(stage: Stage): Promise<Merchant[]> {
  const hired = await Promise.all(
    stage.chains.flatMap((home) =>
      [...tokensOn(home), home.tokens.usdc].map((asset, i) => {
        const sources = i === 3 ? stage.chains.filter((chain) => chain !== home) : stage.chains
        return hire(stage, { home, asset, cycle: stage.random.oneOf(CYCLES), sources })
      }),
    ),
  )
  return hired.map(({ merchant }) => merchant)
}

/** @param say Told of what went on. */
export async function play(
  stage: Stage,
  merchants: readonly Merchant[],
  options: CrossingOptions,
  say: (line: string) => void,
): Promise<Shown> {
  const ways = stage.chains.flatMap((from) => stage.chains.filter((to) => to !== from).map((to): Way => ({ from, to })))
  // Pathways are opened by their first message, so that a fault finds them as they mostly are.
  await Promise.all(ways.map(({ from, to }) => sendTo(stage, from, to, 2n * MATI)))
  const [shown] = await Promise.all([
    playFaults(stage, ways, options, say),
    playPayments(draw(stage, options, 1), merchants, options.payments),
    playSends(draw(stage, options, 2), ways, options.sends),
  ])
  return shown
}

/** The same stage with draws of its own, so that what is drawn does not depend on who is faster. */
function draw(stage: Stage, { seed }: CrossingOptions, part: number): Stage {
  return { ...stage, random: drawFrom(seed * 100 + part) }
}

async function playPayments(stage: Stage, merchants: readonly Merchant[], count: number): Promise<void> {
  const { random } = stage
  const drawn = Array.from({ length: count }, () => {
    const merchant = random.oneOf(merchants)
    const chain = random.oneOf<Chain>(merchant.sources)
    const token = random.oneOf(tokensOn(chain))
    const due = amountOf(stage, chain, token, [500n, 20_000n])
    return { chain, merchant, token, due, surplus: random.oneOf([0n, due / 7n]) }
  })
  await inTurns(drawn, (payment) => pay(stage, payment))
}

async function playSends(stage: Stage, ways: readonly Way[], count: number): Promise<void> {
  const drawn = Array.from({ length: count }, () => {
    return { ...stage.random.oneOf(ways), amount: stage.random.amount(MATI / 1_000n, 80n * MATI) }
  })
  await inTurns(drawn, ({ from, to, amount }) => sendTo(stage, from, to, amount), 1)
}

async function inTurns<Item>(items: readonly Item[], run: (item: Item) => Promise<unknown>, atOnce = AT_ONCE) {
  for (let i = 0; i < items.length; i += atOnce) await Promise.all(items.slice(i, i + atOnce).map(run))
}

/** Each fault on several pathways, each pathway with one fault at a time. */
async function playFaults(
  stage: Stage,
  ways: readonly Way[],
  options: CrossingOptions,
  say: (line: string) => void,
): Promise<Shown> {
  const names = Object.keys(faults) as FaultName[]
  const shown: Shown = new Map(names.map((name) => [name, 0]))
  const lanes = ways.map((): FaultName[] => [])
  for (const [i, name] of names.entries()) {
    for (let n = 0; n < options.faults; n += 1) lanes[(i + n) % lanes.length]?.push(name)
  }
  const runLane = async (lane: readonly FaultName[], i: number) => {
    const drawn = draw(stage, options, 10 + i)
    for (const name of shuffle(drawn, lane)) await show(drawn, name, ways[i] as Way)
  }
  const show = async (drawn: Stage, name: FaultName, way: Way) => {
    const where = `${way.from.name} to ${way.to.name}`
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const began = Date.now()
      try {
        await faults[name](drawn, way)
        shown.set(name, (shown.get(name) ?? 0) + 1)
        return say(`${where}  ${name}  (${((Date.now() - began) / 1_000).toFixed(0)} s)`)
      } catch (error) {
        const [reason] = String(error instanceof Error ? error.message : error).split('\n')
        say(`${where}  ${name}: not shown, ${reason}`)
        await sleep(1_000)
      }
    }
  }
  await Promise.all(lanes.map(runLane))
  return shown
}

function shuffle<Item>({ random }: Stage, items: readonly Item[]): Item[] {
  const left = [...items]
  return items.map(() => left.splice(random.whole(0, left.length - 1), 1)[0] as Item)
}
