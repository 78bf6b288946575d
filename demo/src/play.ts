/** Plays scenes on a running stack: people's steps, then whatever keepers make of them, then the evidence. */
import { disagreements, isConstant, isSolvent, readBalances, readSolvency, readSupply } from './evidence.ts'
import { booksOf } from './books.ts'
import { describeStep, formatToken } from './narrate.ts'
import { chainNamed, tokenAt } from './participants.ts'
import {
  captureWhole,
  follow,
  type Held,
  hold,
  prepare,
  type Prepared,
  refundPart,
  type Scene,
  waitForCycle,
} from './payments.ts'
import type { Followed, Outcome } from './report.ts'
import type { Stack } from './stack.ts'

/**
 * Has the scenes' payments held and captured, and follows each until nothing more happens to it. Merchants must be
 * registered (`registerMerchants`).
 * @param say Told of every step, live.
 * @returns What became of them, what the chains say of it, and all that is not as it should be.
 */
export async function play(stack: Stack, scenes: readonly Scene[], say: (line: string) => void): Promise<Outcome> {
  const prepared: Prepared[] = []
  // One after the other: payers are funded by the same accounts.
  for (const scene of scenes) prepared.push(await prepare(stack, scene))
  for (const each of prepared) say(describeQuote(stack, each))
  const before = await readBalances(stack, prepared)

  const held = await Promise.all(prepared.map((each) => hold(stack, each)))
  const following = held.map((payment) => followAloud(stack, payment, say))
  const [followed] = await Promise.all([Promise.all(following), captureAll(stack, held)])

  const after = await readBalances(stack, prepared)
  const [solvency, supply, problems] = await Promise.all([
    readSolvency(stack),
    readSupply(stack),
    disagreements(stack, followed, { before, after }),
  ])
  for (const { scene, view } of followed) {
    const wanted = scene.captured ? 'settled' : 'reclaimed'
    if (view.status !== wanted) problems.push(`${scene.name} is ${view.status}, not ${wanted}`)
    if (!booksOf(view, deploymentsOf(stack)).balanced) problems.push(`${scene.name}: its books do not balance`)
  }
  if (!isSolvent(solvency)) problems.push('an escrow owes more than it has')
  if (!isConstant(supply)) problems.push('the supply of MATI over all chains changed')
  return { followed, solvency, supply, problems }
}

/** The deployments of all chains, for those who print tokens. */
export function deploymentsOf({ chains }: Stack) {
  return chains.map(({ deployment }) => deployment)
}

/** Captures at once what merchants capture, within one cycle, so that it is settled together; then refunds. */
async function captureAll(stack: Stack, held: readonly Held[]): Promise<void> {
  const byMerchant = held.filter(({ scene }) => scene.captured && !scene.invoice.autoCapture)
  const [first] = byMerchant
  if (first) await waitForCycle(stack, first.scene.invoice)
  await Promise.all(byMerchant.map((payment) => captureWhole(stack, payment)))
  await Promise.all(held.map((payment) => refundPart(stack, payment)))
}

/** Follows a payment and says each step when it is seen first. */
async function followAloud(stack: Stack, held: Held, say: (line: string) => void): Promise<Followed> {
  const seenMs = new Map<string, number>()
  const view = await follow(stack, held, (payment) => {
    for (const step of payment.timeline) {
      const key = `${step.name} ${step.chainId} ${step.hash}`
      if (seenMs.has(key)) continue
      seenMs.set(key, Math.round(performance.now() - held.startedAt))
      say(`${held.scene.name.padEnd(10)}  ${describeStep(payment, step, deploymentsOf(stack))}`)
    }
  })
  return { ...held, view, seenMs }
}

function describeQuote(stack: Stack, { scene, quote }: Prepared): string {
  const { pay, receive } = scene.invoice
  const amount = (place: typeof pay, units: bigint) =>
    formatToken(deploymentsOf(stack), chainNamed(stack, place.chain).chainId, tokenAt(stack, place), units)
  const most = `${amount(pay, quote.maxAmount)} on ${pay.chain}`
  const least = `${amount(receive, quote.leastReceived)} on ${receive.chain}`
  return `${scene.name.padEnd(10)}  quoted: the payer signs for at most ${most}, the merchant gets at least ${least}`
}
