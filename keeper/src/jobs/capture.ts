import type { PaymentView } from '@mati/sdk'
import type { Hex } from 'viem'
import type { Chain } from '../chains.ts'
import { captureAlone, captureTogether, isBatchWith, keyOf, MAX_CAPTURES } from './captures.ts'
import { createGatherer } from './gather.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'
import { type PaymentAction, paymentActionSchema, planPayments } from './payment-action.ts'

/** How long a capture waits for others of its chain: those of one plan are handed out within less. */
const GATHER_MS = 100

/**
 * Captures what its merchant agreed may be captured by anyone, as soon as it may be: those that are due at the same
 * moment in one transaction.
 */
export function createCaptureJob(): Job<PaymentAction> {
  const gatherers = new Map<Chain, (action: PaymentAction) => Promise<Outcome>>()
  /** Those that a transaction left out although they would have done before it: they go alone from then on. */
  const skipped = new Set<Hex>()

  function gathererOf(edge: RunEdge): (action: PaymentAction) => Promise<Outcome> {
    const known = gatherers.get(edge.chain)
    if (known) return known
    const gatherer = createGatherer(
      (actions: readonly PaymentAction[]) => captureTogether(edge, actions, { onSkipped: (id) => skipped.add(id) }),
      { waitMs: GATHER_MS, atMost: MAX_CAPTURES },
    )
    gatherers.set(edge.chain, gatherer)
    return gatherer
  }

  async function run(edge: RunEdge, action: PaymentAction): Promise<Outcome> {
    // What was sent before a crash: a capture alone is joined, one among others is left to its end.
    const pending = edge.chain.sender.pending().map(({ key }) => key)
    if (pending.some((key) => isBatchWith(key, action))) {
      return { status: 'later', reason: 'a transaction that is pending captures it' }
    }
    if (pending.includes(keyOf(action))) return captureAlone(edge, action)
    if (!skipped.has(action.id)) return gathererOf(edge)(action)
    const outcome = await captureAlone(edge, action)
    if (outcome.status === 'done') skipped.delete(action.id)
    return outcome
  }

  return {
    name: 'capture',
    schema: paymentActionSchema,
    key: ({ id }) => id,
    plan: async ({ index, clocks }) => planCaptures(await index.getPayments({ status: 'authorized' }), clocks),
    run,
  }
}

/** The payments that can be captured by anyone at each chain's time. Pure. */
export function planCaptures(payments: readonly PaymentView[], clocks: Clocks): PaymentAction[] {
  return planPayments(payments, clocks, isCapturable)
}

function isCapturable(payment: PaymentView, now: number): boolean {
  return (
    payment.status === 'authorized' &&
    payment.autoCapture &&
    // A merchant that captures in parts is at it itself: an automatic capture is of the whole due or none.
    payment.capturedDue === 0n &&
    now >= payment.captureAfter &&
    now >= payment.frozenUntil &&
    // The next block is at least a second younger than the latest.
    now < payment.captureBy
  )
}
