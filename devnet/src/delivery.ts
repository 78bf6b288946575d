import type { Address, Hex } from 'viem'
import { pathwayOf, type SentPacket } from './packet.ts'

/** The off-chain workers of LayerZero: two verifiers of different operators, and who executes. */
export type WorkerName = DvnName | 'executor'
export type DvnName = 'dvn1' | 'dvn2'
export const dvnNames: readonly DvnName[] = ['dvn1', 'dvn2']

/** How far one message has come, read from both of its chains. */
export interface MessageState {
  packet: SentPacket
  /** Its transaction is still on the source chain, and deep enough for the pathway. */
  confirmed: boolean
  /** DVNs that were paid to attest it and have not. */
  awaited: readonly DvnName[]
  /** The receive library holds all attestations, and the endpoint would take it. */
  committable: boolean
  /** The endpoint holds its hash: it can be executed. */
  committed: boolean
  /** The endpoint has executed it. */
  delivered: boolean
  /** The last nonce of its pathway before the first gap; nothing above can be executed. */
  inboundNonce: bigint
}

/** A message composed by a receiver, waiting to be executed. */
export interface Compose {
  from: Address
  to: Address
  guid: Hex
  index: number
  message: Hex
  gas: bigint
  value: bigint
}

/** Messages acted on in one round: the declared gas of more would not fit one block. */
const messagesPerRound = 20

/** What the workers do next, in the order in which the executor sends it. */
export interface DeliveryPlan {
  verify: Record<DvnName, SentPacket[]>
  commit: SentPacket[]
  receive: SentPacket[]
  compose: Compose[]
}

/**
 * Decides what every worker does for the messages to one chain. A commit and its execution go out together; a
 * message above a gap in its pathway waits, because executing it would fail, and the executor tries only once.
 */
export function planDelivery(
  messages: readonly MessageState[],
  composes: readonly Compose[],
  paused: ReadonlySet<WorkerName>,
): DeliveryPlan {
  const plan: DeliveryPlan = { verify: { dvn1: [], dvn2: [] }, commit: [], receive: [], compose: [] }
  const executorWorks = !paused.has('executor')
  const reached = new Map<string, bigint>()
  const byNonce = messages.toSorted((a, b) => Number(a.packet.nonce - b.packet.nonce))

  let taken = 0

  for (const message of byNonce) {
    const { packet, confirmed, awaited, committable, committed, delivered } = message
    if (delivered) continue
    if (taken === messagesPerRound) break
    const verifiers = committed || !confirmed ? [] : awaited.filter((dvn) => !paused.has(dvn))
    for (const dvn of verifiers) plan.verify[dvn].push(packet)
    const commit = committable && !committed && executorWorks
    if (commit) plan.commit.push(packet)
    if (commit || verifiers.length > 0) taken += 1
    if (!executorWorks || (!committed && !commit)) continue

    const pathway = pathwayOf(packet)
    const { nonce } = packet
    const gapless = reached.get(pathway) ?? message.inboundNonce
    if (nonce > gapless + 1n) continue
    reached.set(pathway, nonce > gapless ? nonce : gapless)
    plan.receive.push(packet)
    if (committed) taken += 1
  }
  if (executorWorks) plan.compose.push(...composes.slice(0, messagesPerRound))
  return plan
}
