import { decodePacket } from '@mati/sdk/layerzero'
import type { TransactionReceipt } from 'viem'
import type { HDAccount } from 'viem/accounts'
import { dvnNames, planDelivery, type Compose, type DeliveryPlan, type WorkerName } from './delivery.ts'
import { isComposeWaiting, readMessage, type WorkerChain } from './inbox.ts'
import type { Log } from './log.ts'
import { decodeExecutorOptions } from './options.ts'
import type { SentPacket } from './packet.ts'
import { createScanner } from './scan.ts'
import { createSender, type Call } from './sender.ts'
import { attest, commit, compose, identify, receive, swallowedFailures } from './submit.ts'

export interface RouteOptions {
  destination: WorkerChain
  sources: readonly WorkerChain[]
  operators: Readonly<Record<WorkerName, HDAccount>>
  paused: ReadonlySet<WorkerName>
  log: Log
  /** Called once per message that the endpoint executed, or that our executor failed to execute. */
  onSettled: (guid: string, outcome: 'delivered' | 'failed') => void
}

/**
 * Everything that goes to one chain. One round looks at what was sent, reads how far each message has come, and
 * sends what is missing; it resolves, with whether there was anything to do, when that is mined. All progress is on
 * chain: a round after a restart, or after an answer that got lost, takes up where things stand, and an instruction
 * sent twice changes nothing.
 */
export function createRoute(options: RouteOptions): () => Promise<boolean> {
  const { destination, sources, operators, paused, log, onSettled } = options
  const source = (eid: number) => sources.find((chain) => chain.eid === eid) ?? unknownChain(eid)
  const scanDestination = createScanner(destination)
  const scanSources = sources.map(createScanner)
  const senders = {
    dvn1: createSender(destination.client, operators.dvn1),
    dvn2: createSender(destination.client, operators.dvn2),
    executor: createSender(destination.client, operators.executor),
  }
  const packets = new Map<string, SentPacket>()
  const composes = new Map<string, Omit<Compose, 'gas' | 'value'>>()
  const alerted = new Set<string>()
  const finished = new Set<string>()

  return async function round() {
    await scan()
    const waiting = [...packets.values()].filter(({ guid }) => !finished.has(guid))
    const messages = await Promise.all(waiting.map((packet) => readMessage(packet, source(packet.srcEid), destination)))
    for (const { packet, delivered } of messages) {
      if (delivered) finish(packet.guid, 'delivered')
      // Our own failed attempts are not repeated, as on a real network: whoever wants the message pays more gas.
      else if (alerted.has(packet.guid)) finish(packet.guid, 'failed')
    }
    const open = messages.filter(({ packet }) => !finished.has(packet.guid))
    return act(planDelivery(open, await payableComposes(), await resting()))
  }

  async function scan(): Promise<void> {
    const sent = await Promise.all(scanSources.map((scanSource) => scanSource()))
    for (const event of sent.flat()) {
      if (event.name !== 'PacketSent') continue
      const packet = decodePacket(event.encoded)
      if (packet?.dstEid !== destination.eid) continue
      packets.set(packet.guid, { ...packet, options: decodeExecutorOptions(event.options), sentIn: event.block })
    }
    for (const event of await scanDestination()) {
      if (event.name === 'ComposeSent') composes.set(composeKey(event), event)
      if ('executor' in event && event.executor !== destination.external.executor) continue
      if (event.name === 'LzReceiveAlert') alerted.add(event.guid)
      if (event.name === 'LzComposeAlert') finished.add(composeKey(event))
    }
  }

  /** Who is paused, or has a transaction on its way of which nothing is known: what it will change must be seen first. */
  async function resting(): Promise<Set<WorkerName>> {
    const names = Object.keys(senders) as WorkerName[]
    const waiting = await Promise.all(names.map((name) => senders[name].isWaiting()))
    return new Set([...paused, ...names.filter((_, i) => waiting[i])])
  }

  function finish(guid: string, outcome: 'delivered' | 'failed'): void {
    if (finished.has(guid)) return
    finished.add(guid)
    onSettled(guid, outcome)
  }

  /** Composed messages that still wait and whose packet paid for their execution. */
  async function payableComposes(): Promise<Compose[]> {
    const payable: Compose[] = []
    for (const [key, waiting] of composes) {
      if (finished.has(key)) continue
      const paid = packets.get(waiting.guid)?.options.lzCompose.get(waiting.index)
      if (!paid) continue
      if (await isComposeWaiting({ ...waiting, ...paid }, destination)) payable.push({ ...waiting, ...paid })
      else finished.add(key)
    }
    return payable
  }

  async function act(plan: DeliveryPlan): Promise<boolean> {
    const attesting = dvnNames.map(async (name, dvnIndex) => {
      const attested = plan.verify[name]
      if (attested.length === 0) return 0
      const call = await attest(attested, { dvnIndex, operator: operators[name], source, destination })
      report(name, await senders[name].send(call), { event: 'attested', guids: attested.map(({ guid }) => guid) })
      return attested.length
    })
    const steps: { event: string; details: Record<string, unknown>; call: Call }[] = [
      ...plan.commit.map((it) => ({ event: 'committed', details: identify(it), call: commit(it, destination) })),
      ...plan.receive.map((it) => ({ event: 'received', details: identify(it), call: receive(it, destination) })),
      ...plan.compose.map((it) => {
        const { guid, index, from, to } = it
        return { event: 'composed', details: { guid, index, from, to }, call: compose(it, destination) }
      }),
    ]
    const executing = steps.map(async ({ event, details, call }) => {
      report('executor', await senders.executor.send(call), { event, ...details })
      return 1
    })
    const outcomes = await Promise.allSettled([...attesting, ...executing])
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure) throw failure.reason
    return outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value > 0)
  }

  function report(
    component: WorkerName,
    receipt: TransactionReceipt,
    line: { event: string; [detail: string]: unknown },
  ): void {
    const [failure] = swallowedFailures(receipt)
    const { transactionHash, gasUsed } = receipt
    log({ component, chain: destination.name, ...line, ...(failure ? { failure } : {}), transactionHash, gasUsed })
  }
}

const composeKey = ({ guid, from, to, index }: Pick<Compose, 'guid' | 'from' | 'to' | 'index'>) =>
  `${guid}:${from}:${to}:${index}`

function unknownChain(eid: number): never {
  throw new RangeError(`No chain with endpoint id ${eid} is served by these workers`)
}
