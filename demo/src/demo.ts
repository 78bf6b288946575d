/** `npm run demo`: payments from end to end on two local chains, in one command. */
import { performance } from 'node:perf_hooks'
import type { PaymentView } from '@mati/sdk'
import { booksOf } from './books.ts'
import { disagreements, isConstant, isSolvent, readBalances, readSolvency, readSupply, receivedOf } from './evidence.ts'
import { describeStep, formatToken, table } from './narrate.ts'
import { demoHelp, type DemoOptions, readDemoOptions } from './options.ts'
import {
  captureWhole,
  follow,
  type Held,
  hold,
  prepare,
  registerMerchants,
  scenesOf,
  waitForCycle,
} from './payments.ts'
import { chainNamed } from './participants.ts'
import { type Followed, reportOf } from './report.ts'
import { runToEnd } from './run.ts'
import type { Stack } from './stack.ts'

const startedAt = performance.now()
const sinceMs = () => Math.round(performance.now() - startedAt)
const say = (line: string) => console.log(`${(sinceMs() / 1000).toFixed(1).padStart(6)} s  ${line}`)

async function play(stack: Stack, { invoice, json }: DemoOptions): Promise<number> {
  const deployments = stack.chains.map(({ deployment }) => deployment)
  const scenes = scenesOf(invoice)
  await registerMerchants(stack, invoice)
  say('merchants registered on both chains, by one signature each')
  // One after the other: payers are funded by the same accounts.
  const prepared = []
  for (const scene of scenes) prepared.push(await prepare(stack, scene))
  for (const { scene, quote } of prepared) {
    const { pay, receive } = scene.invoice
    const chain = chainNamed(stack, pay.chain).chainId
    const most = formatToken(deployments, chain, tokenAddress(stack, pay), quote.maxAmount)
    const least = formatToken(
      deployments,
      chainNamed(stack, receive.chain).chainId,
      tokenAddress(stack, receive),
      quote.leastReceived,
    )
    say(
      `${scene.name}: quoted: the payer signs for at most ${most} on ${pay.chain}, the merchant gets at least ${least} on ${receive.chain}`,
    )
  }
  const before = await readBalances(stack, prepared)

  const held = await Promise.all(prepared.map((payment) => hold(stack, payment)))
  const following = held.map((payment) => followAloud(stack, payment))
  const captures = async () => {
    await waitForCycle(stack, invoice)
    const ours = held.filter(({ scene }) => scene.captured && !scene.invoice.autoCapture)
    await Promise.all(ours.map((payment) => captureWhole(stack, payment)))
  }
  const [followed] = await Promise.all([Promise.all(following), captures()])

  const after = await readBalances(stack, prepared)
  const [solvency, supply, problems] = await Promise.all([
    readSolvency(stack),
    readSupply(stack),
    disagreements(stack, followed, { before, after }),
  ])
  const rows = followed.map(({ scene, view }) => {
    const { chain: name, token } = scene.invoice.receive
    const { chainId } = chainNamed(stack, name)
    return {
      name: scene.name,
      view,
      received: formatToken(deployments, chainId, tokenAddress(stack, { chain: name, token }), receivedOf(view)),
    }
  })
  for (const { scene, view } of followed) {
    const wanted = scene.captured ? 'settled' : 'reclaimed'
    if (view.status !== wanted) problems.push(`${scene.name} is ${view.status}, not ${wanted}`)
    if (!booksOf(view, deployments).balanced) problems.push(`${scene.name}: its books do not balance`)
  }
  if (!isSolvent(solvency)) problems.push('an escrow owes more than it has')
  if (!isConstant(supply)) problems.push('the supply of MATI over all chains changed')

  console.log(`\n${table(rows, deployments).join('\n')}\n`)
  say(
    problems.length === 0
      ? 'index and chains agree; every escrow is solvent; the supply of MATI is constant'
      : `WRONG: ${problems.join('; ')}`,
  )
  if (json)
    console.log(JSON.stringify(reportOf({ deployments, followed, solvency, supply, problems, wallMs: sinceMs() })))
  return problems.length === 0 ? 0 : 1
}

/** Follows a payment and says each step when it is seen first. */
async function followAloud(stack: Stack, held: Held): Promise<Followed> {
  const deployments = stack.chains.map(({ deployment }) => deployment)
  const seenMs = new Map<string, number>()
  const view = await follow(stack, held, (payment) => {
    for (const step of payment.timeline) {
      const key = `${step.name} ${step.chainId} ${step.hash}`
      if (seenMs.has(key)) continue
      seenMs.set(key, Math.round(performance.now() - held.startedAt))
      say(`${held.scene.name.padEnd(10)}  ${describeStep(payment, step, deployments)}`)
    }
  })
  return { ...held, view, seenMs }
}

function tokenAddress(stack: Stack, { chain, token }: { chain: string; token: string }): `0x${string}` {
  const found = chainNamed(stack, chain).deployment.tokens.find(({ symbol }) => symbol === token)
  if (!found) throw new Error(`There is no ${token} on chain ${chain}`)
  return found.address
}

await runToEnd(() => readDemoOptions(process.argv.slice(2), process.env), { help: demoHelp, say, work: play })
