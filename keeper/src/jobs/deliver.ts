import type { MessageView } from '@mati/sdk'
import { decodePacket } from '@mati/sdk/layerzero'
import type { Hex } from 'viem'
import { z } from 'zod'
import type { Chain } from '../chains.ts'
import { hex, integer } from '../parse.ts'
import { createPatience, type RunClass } from '../patience.ts'
import { type Delivered, deliverTogether, isBatchWith, type Member } from './delivery-batch.ts'
import { callsOf, type DeliverStep, deliverSteps } from './delivery-calls.ts'
import { createGasMeasure, type GasMeasure } from './gas-measure.ts'
import { classOf } from './error-class.ts'
import type { Clocks, Index, Job, Outcome, RunEdge } from './job.ts'
import { type Messaging, type Sending, watchMessaging } from './messaging.ts'
import { summarize } from './summarize.ts'

/** What an open message needs first. */
export type DeliverTask = { step: DeliverStep; guid: Hex; encodedPayload: Hex; waitingMessage: Hex | null }

/** The messages of one pathway that can be brought along, in the order of their nonces. */
export type DeliverAction = { chainId: number; pathway: string; messages: DeliverTask[] }

/** A message that fails for a reason that somebody should look at. */
export type DeliverFailure = { chainId: number; guid: Hex; step: DeliverStep; error: unknown }

export type DeliverOptions = {
  /** How long the executor is given before this keeper helps a message. */
  graceSeconds: number
  /** What the index said may be so old where nothing else asks for it. */
  pollMs: number
  /** Told of what somebody should look at. */
  onFailed?: (failure: DeliverFailure) => void
  /** Milliseconds; only differences count. */
  clock?: () => number
}

/** So many messages per run, so that a long queue is planned anew before it is worked off. */
const MAX_PER_RUN = 120

/** The index is left alone for so many times as long as it took to answer: it reads the chains meanwhile. */
const INDEX_REST = 3

/**
 * Brings along messages that the executor left lying, as anyone may. Each message has a patience of its own, which ends
 * when a DVN attests it: endpoint and receive library are watched at every block, since the index hears of a
 * verification only once somebody has committed it, and of a sending later than the chain tells. The index is what
 * counts: what chains say is only sooner, and believed until the index knows it, or should.
 */
export function createDeliverJob(options: DeliverOptions): Job<DeliverAction> {
  const { graceSeconds, pollMs, onFailed, clock = () => performance.now() } = options
  const patience = createPatience(clock)
  const attestedMs = new Map<Hex, number>()
  const watches = new Map<Chain, Messaging>()
  const measures = new Map<Chain, GasMeasure>()
  const heard = new Map<Hex, { sending: Sending; srcChainId: number; sentAt: number; ms: number }>()
  const brought = new Map<Hex, { step: DeliverStep; ms: number }>()
  let open: readonly MessageView[] = []
  let times: Clocks = new Map()
  let chainIds: ReadonlyMap<number, number> = new Map()
  let readMs = -Infinity
  let tookMs = 0
  let reading: Promise<void> | undefined
  let news = Promise.withResolvers<void>()

  /** Whether we took a message beyond that step, and the index may not know it yet. */
  function isBrought(guid: Hex, step: DeliverStep): boolean {
    const last = brought.get(guid)
    return last?.step === step && clock() - last.ms < INDEX_LAG_MS
  }

  /** What the index does not know yet of messages to chains that are ours. */
  function onlyHeard(): OpenMessage[] {
    return [...heard.values()].flatMap(({ sending, srcChainId, sentAt }): OpenMessage[] => {
      const dstChainId = chainIds.get(sending.dstEid)
      return dstChainId === undefined ? [] : [{ ...sending, ...JUST_SENT, srcChainId, dstChainId, sentAt }]
    })
  }

  const planNow = () =>
    planDeliveries([...open, ...onlyHeard()], times, { graceSeconds, allows: patience.allows, isBrought })

  async function read(index: Index): Promise<void> {
    const startedMs = clock()
    try {
      open = await index.getMessages({ isOpen: 'true' })
      readMs = clock()
      tookMs = readMs - startedMs
      for (const { guid } of open) heard.delete(guid)
      for (const [guid, { ms }] of heard) if (readMs - ms >= INDEX_LAG_MS) heard.delete(guid)
    } finally {
      reading = undefined
    }
  }

  /** Notes how a try ended, unless what it found was outdated by an attestation in the meantime. */
  function note(guid: Hex, runClass: RunClass, startedMs: number): void {
    if (runClass === 'later' && (attestedMs.get(guid) ?? -Infinity) >= startedMs) return
    patience.note(guid, runClass)
  }

  async function runOnce(edge: RunEdge, { messages }: DeliverAction): Promise<Delivered[]> {
    const startedMs = clock()
    const tasks = messages.filter(({ guid }) => patience.allows(guid))
    const members = await toMembers(edge.chain, tasks)
    const measure = measures.get(edge.chain) ?? createGasMeasure(clock)
    measures.set(edge.chain, measure)
    const results = await deliverTogether(edge, members, measure)
    results.forEach((result, i) => {
      const member = members[i]
      if (!member) return
      const { guid } = member.packet
      note(guid, result.status === 'fulfilled' ? result.value.status : classOf(result.reason), startedMs)
      const [first] = member.calls
      if (first && result.status === 'fulfilled' && result.value.status === 'done') {
        brought.set(guid, { step: first.step, ms: clock() })
      }
      if (result.status === 'rejected' && first) {
        onFailed?.({ chainId: edge.chain.deployment.chainId, guid, step: first.step, error: result.reason })
      }
    })
    for (const [guid, { ms }] of brought) if (clock() - ms >= INDEX_LAG_MS) brought.delete(guid)
    return results
  }

  /** Goes on until nothing of the pathway can be done: what became possible in the meantime needs no new action. */
  async function run(edge: RunEdge, action: DeliverAction): Promise<Outcome> {
    const results: Delivered[] = []
    let next: DeliverAction | undefined = action
    while (next) {
      edge.signal.throwIfAborted()
      results.push(...(await runOnce(edge, next)))
      next = planNow().find(({ chainId, pathway }) => chainId === action.chainId && pathway === action.pathway)
    }
    return summarize(results)
  }

  return {
    name: 'deliver',
    schema: z.object({
      chainId: integer,
      pathway: z.string(),
      messages: z.array(
        z.object({ step: z.enum(deliverSteps), guid: hex, encodedPayload: hex, waitingMessage: hex.nullable() }),
      ),
    }),
    key: ({ pathway }) => pathway,
    hasOwnPatience: true,
    async plan({ index, clocks, eids }) {
      times = clocks
      chainIds = new Map([...eids].map(([chainId, eid]) => [eid, chainId]))
      if (!reading && clock() - readMs >= Math.max(pollMs, INDEX_REST * tookMs)) {
        reading = read(index)
        // Where nobody waits for it the next reading tells.
        reading.catch(() => undefined)
      }
      // What was attested does not wait until the index has answered.
      if (reading) await Promise.race([reading, news.promise])
      news = Promise.withResolvers()
      return planNow()
    },
    async onHead(chain, head) {
      const watch = watches.get(chain) ?? watchMessaging(chain)
      watches.set(chain, watch)
      const { sent, attested } = await watch.next(head.number)
      const now = clock()
      // Not before it was sent, so that the executor is given its time.
      const { chainId: srcChainId } = chain.deployment
      for (const sending of sent) heard.set(sending.guid, { sending, srcChainId, sentAt: head.timestamp, ms: now })
      for (const guid of attested) {
        attestedMs.set(guid, now)
        patience.forget(guid)
      }
      for (const [guid, ms] of attestedMs) if (now - ms > FORGET_MS) attestedMs.delete(guid)
      if (attested.length > 0) news.resolve()
      return attested.length > 0
    },
    run,
  }
}

/** How long the index is given to tell of what we did or heard; then it counts again, for a reorganized chain may have undone it. */
const INDEX_LAG_MS = 30_000

/** Longer than any run takes. */
const FORGET_MS = 900_000

/** Those that a pending transaction, sent before a crash, brings along already are left to it. */
async function toMembers(chain: Chain, tasks: readonly DeliverTask[]): Promise<Member[]> {
  const pending = chain.sender.pending().map(({ key }) => key)
  const free = tasks.filter(({ guid }) => !pending.some((key) => isBatchWith(key, guid)))
  if (free.length === 0) return []
  const { deployment } = chain
  const unitsPerShared = await chain.unitsPerShared()
  return free.flatMap(({ step, encodedPayload, waitingMessage }) => {
    const packet = decodePacket(encodedPayload)
    if (!packet) return []
    const calls = callsOf(packet, { step, waitingMessage }, { deployment, unitsPerShared })
    return [{ packet, calls }]
  })
}

/** What planning takes of a message. */
export type OpenMessage = Pick<
  MessageView,
  | 'guid'
  | 'status'
  | 'isOpen'
  | 'srcChainId'
  | 'dstChainId'
  | 'srcEid'
  | 'dstEid'
  | 'nonce'
  | 'sender'
  | 'receiver'
  | 'encodedPayload'
  | 'sentAt'
  | 'verifiedAt'
  | 'deliveredAt'
  | 'waitingAt'
  | 'releasedAt'
  | 'waitingMessage'
>

const JUST_SENT = {
  status: 'sent',
  isOpen: true,
  verifiedAt: null,
  deliveredAt: null,
  waitingAt: null,
  releasedAt: null,
  waitingMessage: null,
} as const

export type PlanOptions = {
  graceSeconds: number
  /** Whether a message may be tried now. */
  allows: (guid: Hex) => boolean
  /** Whether it is known to be beyond that step, whatever the index says; nothing is unless this is given. */
  isBrought?: (guid: Hex, step: DeliverStep) => boolean
}

/** The messages that should have come further by their chains' times. Pure. */
export function planDeliveries(
  messages: readonly OpenMessage[],
  clocks: Clocks,
  { graceSeconds, allows, isBrought = () => false }: PlanOptions,
): DeliverAction[] {
  const byPathway = Map.groupBy(messages.toSorted(byNonce), pathwayOf)
  return [...byPathway].flatMap(([pathway, all]) => {
    const chainId = all[0]?.dstChainId
    const now = chainId === undefined ? undefined : clocks.get(chainId)
    if (chainId === undefined || now === undefined) return []
    const left = all.filter((message) => {
      const step = stepOf(message)
      return step !== undefined && !isBrought(message.guid, step)
    })
    // What was sent was so by the time of its source, which may be ahead of the destination's.
    const timeOf = ({ status, srcChainId }: OpenMessage) =>
      status === 'sent' ? Math.max(now, clocks.get(srcChainId) ?? now) : now
    const isDue = (message: OpenMessage) => allows(message.guid) && since(message) <= timeOf(message) - graceSeconds
    const tasks = planPathway(left, isDue)
    return tasks.length === 0 ? [] : [{ chainId, pathway, messages: tasks.slice(0, MAX_PER_RUN) }]
  })
}

function byNonce(a: OpenMessage, b: OpenMessage): number {
  return Number(a.nonce - b.nonce)
}

/** Nonces count per pathway: where from, by whom, where to, for whom. */
function pathwayOf({ srcEid, sender, dstEid, receiver }: OpenMessage): string {
  return [srcEid, sender, dstEid, receiver].join(':').toLowerCase()
}

/**
 * A message can be received only once all below it are verified: above one that is not, and is left alone, nothing is
 * tried. What was received may be released and composed in any order.
 */
function planPathway(messages: readonly OpenMessage[], isDue: (message: OpenMessage) => boolean): DeliverTask[] {
  let isBelowGap = true
  return messages.flatMap((message) => {
    const { guid, encodedPayload, waitingMessage } = message
    const step = stepOf(message)
    const isOrdered = step === 'commit' || step === 'receive'
    if (step === undefined || (isOrdered && !isBelowGap)) return []
    if (isDue(message)) return [{ step, guid, encodedPayload, waitingMessage }]
    if (step === 'commit') isBelowGap = false
    return []
  })
}

function stepOf({ status, isOpen }: OpenMessage): DeliverStep | undefined {
  if (!isOpen) return undefined
  const steps = { sent: 'commit', verified: 'receive', waiting: 'release', delivered: 'compose' } as const
  return status in steps ? steps[status as keyof typeof steps] : undefined
}

/** Since when the next step has been possible, or might have been: Unix seconds. */
function since({ status, sentAt, verifiedAt, deliveredAt, waitingAt, releasedAt }: OpenMessage): number {
  if (status === 'verified') return verifiedAt ?? sentAt
  if (status === 'waiting') return waitingAt ?? sentAt
  if (status === 'delivered') return releasedAt ?? deliveredAt ?? sentAt
  return sentAt
}
