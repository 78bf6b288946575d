/** Captures, sent: each alone, or many in one transaction. */
import {
  captureArguments,
  type CaptureOrder,
  decodeError,
  decodeRevert,
  matiEscrowAbi,
  packOrders,
  RevertError,
} from '@mati/sdk'
import { encodeFunctionData, type Hex, parseEventLogs } from 'viem'
import type { Chain } from '../chains.ts'
import { expectedOutcome, isRefused } from '../transactions/expected.ts'
import { submit } from '../transactions/submit.ts'
import { failed } from './gather.ts'
import type { Outcome, RunEdge } from './job.ts'
import type { PaymentAction } from './payment-action.ts'

/**
 * Captures in one transaction at most: at 130,000 gas each (measured, with a rate over USD and a surplus that goes back)
 * half of what a transaction may have. A batch that turns out not to fit is halved until it does.
 */
export const MAX_CAPTURES = 50

type Result = PromiseSettledResult<Outcome>

/** Names the effect of capturing one payment alone. */
export function keyOf({ id }: PaymentAction): string {
  return `capture:${id}`
}

/** Names the effect of capturing these in one transaction: no more of each id than tells it, since keys are indexed. */
function keyOfBatch(actions: readonly PaymentAction[]): string {
  return `captures:${actions.map(nameInBatch).join('+')}`
}

function nameInBatch({ id }: PaymentAction): string {
  return id.slice(2, 18)
}

/** Whether a transaction of that key captures this payment among others. */
export function isBatchWith(key: string, action: PaymentAction): boolean {
  return key.startsWith('captures:') && key.includes(nameInBatch(action))
}

/** The whole due at the lowest signed fee: all that the escrow lets a stranger do. */
export async function captureAlone({ chain, signal }: RunEdge, action: PaymentAction): Promise<Outcome> {
  return submit(chain, {
    key: keyOf(action),
    to: chain.deployment.contracts.escrow,
    data: encodeFunctionData({
      abi: matiEscrowAbi,
      functionName: 'capture',
      args: captureArguments(orderOf(action)),
    }),
    signal,
  })
}

function orderOf({ payment }: PaymentAction): CaptureOrder {
  return { payment, isFinal: true }
}

export type BatchOptions = {
  /** Told of what the transaction left out, though it would have done alone before. */
  onSkipped: (id: Hex) => void
}

/**
 * Captures in one transaction those that would succeed now. The others are tried alone, so that each fails for its own
 * reason and is taken for that.
 * @returns One result each, in their order: `done` only for what the receipt shows to be captured.
 */
export async function captureTogether(
  edge: RunEdge,
  actions: readonly PaymentAction[],
  options: BatchOptions,
): Promise<Result[]> {
  edge.signal.throwIfAborted()
  const isAble = actions.length > 1 ? await simulate(edge.chain, actions) : []
  const able = sideBySide(actions.filter((_, i) => isAble[i]))
  const unable = actions.filter((_, i) => !isAble[i])
  const [together, alone] = await Promise.all([
    sendTogether(edge, able, options),
    Promise.allSettled(unable.map((action) => captureAlone(edge, action))),
  ])
  const results = new Map([...pair(able, together), ...pair(unable, alone)])
  return actions.map(({ id }) => results.get(id) ?? failed(new RangeError(`${id} was left out`)))
}

/** Those of one merchant and token next to each other: they share most terms, and so the least is sent. */
function sideBySide(actions: readonly PaymentAction[]): readonly PaymentAction[] {
  const groups = Map.groupBy(actions, ({ payment }) => `${payment.merchant}:${payment.token}`.toLowerCase())
  return [...groups.values()].flat()
}

function pair(actions: readonly PaymentAction[], results: readonly Result[]): (readonly [Hex, Result])[] {
  return actions.map(({ id }, i) => [id, results[i] ?? failed(new RangeError(`${id} was left out`))])
}

/** Which of them would be captured; none if the node refuses to simulate all at once. */
async function simulate(chain: Chain, actions: readonly PaymentAction[]): Promise<readonly boolean[]> {
  try {
    const { result } = await chain.client.simulateContract({
      abi: matiEscrowAbi,
      address: chain.deployment.contracts.escrow,
      functionName: 'captureMany',
      args: [packOrders(actions.map(orderOf))],
      account: chain.signer,
    })
    return result
  } catch (error) {
    const decoded = decodeError(error)
    if (isRefused(decoded)) return []
    throw decoded
  }
}

/** If the transaction itself cannot succeed, for want of gas, its halves are sent apart. */
async function sendTogether(
  edge: RunEdge,
  actions: readonly PaymentAction[],
  options: BatchOptions,
): Promise<Result[]> {
  const { chain, signal } = edge
  if (actions.length < 2) return Promise.allSettled(actions.map((action) => captureAlone(edge, action)))
  let outcome: Outcome
  try {
    outcome = await submit(chain, {
      key: keyOfBatch(actions),
      to: chain.deployment.contracts.escrow,
      data: encodeFunctionData({
        abi: matiEscrowAbi,
        functionName: 'captureMany',
        args: [packOrders(actions.map(orderOf))],
      }),
      // One that fails must find so much left for the others to go on.
      spareGas: await chain.callGas(),
      signal,
    })
  } catch (error) {
    if (!isRefused(error)) throw error
    const half = Math.ceil(actions.length / 2)
    const first = await sendTogether(edge, actions.slice(0, half), options)
    return [...first, ...(await sendTogether(edge, actions.slice(half), options))]
  }
  const [hash] = outcome.status === 'done' ? outcome.hashes : []
  return hash
    ? readResults(chain, hash, actions, options)
    : actions.map(() => ({ status: 'fulfilled', value: outcome }))
}

/** What became of each, by the events of the transaction: one that failed there was skipped, and its reason told. */
async function readResults(
  chain: Chain,
  hash: Hex,
  actions: readonly PaymentAction[],
  { onSkipped }: BatchOptions,
): Promise<Result[]> {
  const receipt = await chain.client.getTransactionReceipt({ hash })
  const escrow = chain.deployment.contracts.escrow.toLowerCase()
  const logs = receipt.logs.filter((log) => log.address.toLowerCase() === escrow)
  const captured = new Set(
    parseEventLogs({ abi: matiEscrowAbi, logs, eventName: 'Captured' }).map((log) => log.args.id),
  )
  const skips = parseEventLogs({ abi: matiEscrowAbi, logs, eventName: 'CallSkipped' })
  const reasons = new Map(skips.map(({ args }) => [Number(args.index), args.reason]))
  return actions.map(({ id }, i): Result => {
    if (captured.has(id)) return { status: 'fulfilled', value: { status: 'done', hashes: [hash] } }
    onSkipped(id)
    const reason = reasons.get(i) ?? '0x'
    const error = new RevertError(reason, decodeRevert(reason), undefined)
    const expected = expectedOutcome(error)
    return expected ? { status: 'fulfilled', value: expected } : failed(error)
  })
}
