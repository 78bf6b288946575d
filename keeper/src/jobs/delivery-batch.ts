/** Deliveries, sent: many messages' calls in one transaction through Multicall3, of which each may fail by itself. */
import { decodeError, decodeRevert, endpointV2Abi, matiTokenAbi, RevertError } from '@mati/sdk'
import { guidOf, type Packet } from '@mati/sdk/layerzero'
import { decodeFunctionResult, encodeFunctionData, type Hex, multicall3Abi, pad, parseEventLogs } from 'viem'
import type { Chain } from '../chains.ts'
import { expectedOutcome, isRefused } from '../transactions/expected.ts'
import { estimate, GAS_MARGIN, submit, TRANSACTION_GAS } from '../transactions/submit.ts'
import { type DeliverCall, gasHintOf } from './delivery-calls.ts'
import type { GasMeasure } from './gas-measure.ts'
import { failed } from './gather.ts'
import type { Outcome, RunEdge } from './job.ts'

/** One message, with the calls that may bring it along, in their order. */
export type Member = { packet: Packet; calls: readonly DeliverCall[] }

/** How a call went when it was simulated among the others. */
export type CallResult = { success: boolean; returnData: Hex }

export type Delivered = PromiseSettledResult<Outcome>

/** What to send of a member, or why nothing. */
export type Choice = { calls: readonly DeliverCall[]; error?: RevertError }

/** What a transaction may be found to take, so that it may have a margin above. */
const ESTIMATE_GAS = (TRANSACTION_GAS * 100n) / GAS_MARGIN

/** Gas that a transaction takes beside its members. */
const TRANSACTION_HINT = 40_000n

/** Messages at most in one transaction, whatever their gas: its key names them all, and keys are indexed. */
const MAX_MEMBERS = 60

/**
 * Divides members, in their order, into what a transaction has the gas for. Pure.
 * @param maxGas What the hints of one part may add up to.
 */
export function divide(members: readonly Member[], maxGas: bigint = TRANSACTION_GAS): Member[][] {
  const parts: Member[][] = []
  let open: Member[] = []
  let gas = 0n
  for (const member of members) {
    const hint = gasHintOf(member.packet, member.calls)
    if (open.length > 0 && (gas + hint > maxGas || open.length === MAX_MEMBERS)) {
      parts.push(open)
      open = []
      gas = 0n
    }
    open.push(member)
    gas += hint
  }
  return open.length > 0 ? [...parts, open] : parts
}

/**
 * Keeps the calls that would succeed. Pure. A verification is committed also where the message then fails for a reason of
 * its own, since those above it need it; but not where it would only wait for a lower nonce, because committing and
 * receiving together is cheaper.
 */
export function choose({ calls }: Pick<Member, 'calls'>, results: readonly CallResult[]): Choice {
  const errors = results.map(({ success, returnData }) => (success ? undefined : toError(returnData)))
  const able = calls.filter((_, i) => results[i]?.success)
  const receiveError = errors[calls.findIndex(({ step }) => step === 'receive')]
  const waits = able.length === 1 && able[0]?.step === 'commit' && receiveError?.revert?.name === 'LZ_InvalidNonce'
  if (able.length > 0 && !waits) return { calls: able }
  const error = waits ? receiveError : errors[0]
  return error ? { calls: [], error } : { calls: [] }
}

function toError(data: Hex): RevertError {
  return new RevertError(data, decodeRevert(data), undefined)
}

/**
 * Brings members along, each as far as it goes; one that fails does not hold up the others (invariant 14).
 * @returns One result each, in their order: `done` only for what the receipt shows.
 */
export async function deliverTogether(
  edge: RunEdge,
  members: readonly Member[],
  measure: GasMeasure,
): Promise<Delivered[]> {
  const measured = await deliverMeasured(edge, members, measure)
  if (measured) return measured
  const results: Delivered[] = []
  for (const part of divide(members)) {
    edge.signal.throwIfAborted()
    results.push(...(await deliverPart(edge, part, measure)))
  }
  return results
}

/**
 * With the gas that such messages took before, if a simulation with just that brings all of them along: a node's estimate
 * is many simulations. Several transactions are simulated as one and sent in a row: should one of them fail, those after
 * it can commit and no more, as anybody might. Undefined if the simulation fails: then nothing was sent.
 */
async function deliverMeasured(
  edge: RunEdge,
  members: readonly Member[],
  measure: GasMeasure,
): Promise<Delivered[] | undefined> {
  const { chain, signal } = edge
  const room = measure.hintsWithin(ESTIMATE_GAS)
  if (members.length === 0 || room === undefined) return undefined
  const parts = divide(members, room - TRANSACTION_HINT).map((part) => ({
    part,
    gas: measure.expect(hintOf(part)) ?? 0n,
  }))
  if (parts.some(({ gas }) => gas > ESTIMATE_GAS)) return undefined
  const allGas = parts.reduce((sum, { gas }) => sum + gas, 0n)
  const results = await simulate(chain, members, allGas).catch((error: unknown) => {
    if (!isRefused(error)) throw error
  })
  if (!results?.flat().every(({ success }) => success)) return undefined
  signal.throwIfAborted()
  // In their order, which is that of the sender's nonces.
  const sent = parts.map(async ({ part, gas }) => {
    const to = chain.deployment.external.multicall
    const outcome = await submit(chain, { key: keyOf(part), to, data: encodeBatch(part, true), gas, signal })
    return resultsOf(chain, outcome, part)
  })
  const settled = await Promise.allSettled(sent)
  signal.throwIfAborted()
  const delivered = settled.flatMap((result, i) =>
    result.status === 'fulfilled' ? result.value : (parts[i]?.part ?? []).map(() => failed(result.reason)),
  )
  // Also where a chain charges for more than a simulation shows, as rollups do for calldata.
  if (delivered.some((result) => result.status === 'rejected' || result.value.status !== 'done')) measure.forget()
  return delivered
}

async function deliverPart(edge: RunEdge, members: readonly Member[], measure: GasMeasure): Promise<Delivered[]> {
  const simulated = await simulate(edge.chain, members, TRANSACTION_GAS)
  const choices = members.map((member, i) => choose(member, simulated[i] ?? []))
  const chosen = members.flatMap((member, i) => {
    const calls = choices[i]?.calls ?? []
    return calls.length > 0 ? [{ ...member, calls }] : []
  })
  const sent = await send(edge, chosen, measure)
  const sentOf = new Map(chosen.map(({ packet }, i) => [packet.guid, sent[i]]))
  return members.map(({ packet }, i) => sentOf.get(packet.guid) ?? resultOf(choices[i]?.error))
}

/** What is expected of a revert; a failure for what somebody should look at. */
function resultOf(error: RevertError | undefined): Delivered {
  if (!error) return { status: 'fulfilled', value: { status: 'nothing', reason: 'there was nothing to try' } }
  const expected = expectedOutcome(error)
  return expected ? { status: 'fulfilled', value: expected } : failed(error)
}

/** How each call of each member would go, with so much gas for all of them. */
async function simulate(chain: Chain, members: readonly Member[], gas: bigint): Promise<CallResult[][]> {
  const call = { account: chain.signer, to: chain.deployment.external.multicall, data: encodeBatch(members, true) }
  const { data = '0x' } = await chain.client.call({ ...call, gas }).catch((error: unknown) => {
    throw decodeError(error)
  })
  const results = decodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', data })
  let next = 0
  return members.map(({ calls }) => results.slice(next, (next += calls.length)))
}

/** If nothing may be sent of them together, for want of gas or since the chain has moved on, halves are tried apart. */
async function send(edge: RunEdge, members: readonly Member[], measure: GasMeasure): Promise<Delivered[]> {
  if (members.length === 0) return []
  const { chain, signal } = edge
  const to = chain.deployment.external.multicall
  let outcome: Outcome
  try {
    // Where each may fail, a node finds that hardly any gas will do.
    const gas = await estimate(chain, { to, data: encodeBatch(members, false) })
    if (typeof gas === 'bigint') {
      measure.note(hintOf(members), gas)
      outcome = await submit(chain, { key: keyOf(members), to, data: encodeBatch(members, true), gas, signal })
    } else outcome = gas
  } catch (error) {
    if (!isRefused(error)) throw error
    if (members.length === 1)
      return [{ status: 'fulfilled', value: { status: 'later', reason: decodeError(error).message } }]
    const half = Math.ceil(members.length / 2)
    const first = await send(edge, members.slice(0, half), measure)
    return [...first, ...(await send(edge, members.slice(half), measure))]
  }
  return resultsOf(chain, outcome, members)
}

function resultsOf(chain: Chain, outcome: Outcome, members: readonly Member[]): Delivered[] | Promise<Delivered[]> {
  const [hash] = outcome.status === 'done' ? outcome.hashes : []
  return hash ? readResults(chain, hash, members) : members.map(() => ({ status: 'fulfilled', value: outcome }))
}

/** Whether the transaction did anything for each: another keeper or the executor may have been faster. */
async function readResults(chain: Chain, hash: Hex, members: readonly Member[]): Promise<Delivered[]> {
  const { deployment, client } = chain
  const { logs } = await client.getTransactionReceipt({ hash })
  const events = parseEventLogs({ abi: endpointV2Abi, logs, eventName: ['PacketVerified', 'PacketDelivered'] })
  const moved = new Set<Hex>([
    ...events.map(({ args: { origin, receiver } }) =>
      guidOf({ ...origin, dstEid: deployment.eid, receiver: pad(receiver) }).toLowerCase(),
    ),
    ...parseEventLogs({ abi: endpointV2Abi, logs, eventName: 'ComposeDelivered' }).map(({ args }) => args.guid),
    ...parseEventLogs({ abi: matiTokenAbi, logs, eventName: 'MessageReleased' }).map(({ args }) => args.guid),
  ] as Hex[])
  return members.map(({ packet }): Delivered => {
    const value: Outcome = moved.has(packet.guid.toLowerCase() as Hex)
      ? { status: 'done', hashes: [hash] }
      : { status: 'nothing', reason: `${hash} found nothing left to do for ${packet.guid}` }
    return { status: 'fulfilled', value }
  })
}

function hintOf(members: readonly Member[]): bigint {
  return members.reduce((sum, { packet, calls }) => sum + gasHintOf(packet, calls), TRANSACTION_HINT)
}

function encodeBatch(members: readonly Member[], allowFailure: boolean): Hex {
  const args = [toCalls3(members, allowFailure)] as const
  return encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args })
}

function toCalls3(members: readonly Member[], allowFailure: boolean) {
  return members.flatMap(({ calls }) =>
    calls.map(({ to: target, data: callData }) => ({ target, allowFailure, callData })),
  )
}

/** Names the effect: which step of which message comes first, and no more of each guid than tells it. */
function keyOf(members: readonly Member[]): string {
  return `deliver:${members.map(({ packet, calls }) => `${calls[0]?.step}.${shortOf(packet.guid)}`).join('+')}`
}

/** Whether a transaction of that key brings this message along. */
export function isBatchWith(key: string, guid: Hex): boolean {
  return key.startsWith('deliver:') && key.includes(`.${shortOf(guid)}`)
}

function shortOf(guid: Hex): string {
  return guid.slice(2, 18).toLowerCase()
}
