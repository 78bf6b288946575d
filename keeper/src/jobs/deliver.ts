import { endpointV2Abi, matiTokenAbi, type MessageView, receiveUln302Abi } from '@mati/sdk'
import { composeOf, decodePacket, hasCompose, type Packet, toAddress } from '@mati/sdk/layerzero'
import { encodeFunctionData, type Address, type Hex } from 'viem'
import { z } from 'zod'
import type { Chain } from '../chains.ts'
import { hex, integer } from '../parse.ts'
import { submit } from '../transactions/submit.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'
import { summarize } from './summarize.ts'

/** What a stuck message needs: its verification committed, itself received, or its compose executed (the credit). */
const steps = ['commit', 'receive', 'compose'] as const
export type DeliverStep = { step: (typeof steps)[number]; guid: Hex; encodedPayload: Hex }

/** The stuck messages of one pathway, in the order of their nonces. */
export type DeliverAction = { chainId: number; pathway: string; messages: DeliverStep[] }

/** So many messages per run, so that a long queue is planned anew before it is worked off. */
const MAX_PER_RUN = 50

/** Helps messages along that the executor left lying. Anyone may. */
export function createDeliverJob({ graceSeconds }: { graceSeconds: number }): Job<DeliverAction> {
  return {
    name: 'deliver',
    schema: z.object({
      chainId: integer,
      pathway: z.string(),
      messages: z.array(z.object({ step: z.enum(steps), guid: hex, encodedPayload: hex })),
    }),
    key: ({ pathway }) => pathway,
    plan: async ({ index, clocks }) => {
      const open = await Promise.all([
        index.getMessages({ status: 'sent' }),
        index.getMessages({ status: 'verified' }),
        index.getMessages({ status: 'delivered' }),
      ])
      return planDeliveries(open.flat(), clocks, graceSeconds)
    },
    run: runDelivery,
  }
}

/** The messages that should have come further by their destination's time. Pure. */
export function planDeliveries(
  messages: readonly MessageView[],
  clocks: Clocks,
  graceSeconds: number,
): DeliverAction[] {
  const byPathway = Map.groupBy(messages.toSorted(byNonce), pathwayOf)
  return [...byPathway].flatMap(([pathway, all]) => {
    const chainId = all[0]?.dstChainId
    const now = chainId === undefined ? undefined : clocks.get(chainId)
    if (chainId === undefined || now === undefined) return []
    const stuck = all.flatMap((message) => planStep(message, now - graceSeconds)).slice(0, MAX_PER_RUN)
    return stuck.length === 0 ? [] : [{ chainId, pathway, messages: stuck }]
  })
}

function byNonce(a: MessageView, b: MessageView): number {
  return Number(a.nonce - b.nonce)
}

/** Nonces count per pathway: where from, by whom, where to, for whom. */
function pathwayOf({ srcEid, sender, dstEid, receiver }: MessageView): string {
  return [srcEid, sender, dstEid, receiver].join(':').toLowerCase()
}

/** What one message needs, if what it needs has been possible since `since` (Unix seconds) or before. */
function planStep(message: MessageView, since: number): DeliverStep[] {
  const { status, guid, encodedPayload, sentAt, verifiedAt, deliveredAt, creditedAt } = message
  if (status === 'sent' && sentAt <= since) return [{ step: 'commit', guid, encodedPayload }]
  if (status === 'verified' && verifiedAt !== null && verifiedAt <= since) {
    return [{ step: 'receive', guid, encodedPayload }]
  }
  const isUncredited = status === 'delivered' && creditedAt === null && isComposed(encodedPayload)
  if (isUncredited && deliveredAt !== null && deliveredAt <= since) return [{ step: 'compose', guid, encodedPayload }]
  return []
}

function isComposed(encodedPayload: Hex): boolean {
  const packet = decodePacket(encodedPayload)
  return packet !== null && hasCompose(packet.message)
}

/** In the order of nonces, which is cheapest; one message that cannot be helped does not hold up the next. */
export async function runDelivery({ chain, signal }: RunEdge, { messages }: DeliverAction): Promise<Outcome> {
  const outcomes: PromiseSettledResult<Outcome>[] = []
  for (const message of messages) {
    signal.throwIfAborted()
    const [outcome] = await Promise.allSettled([takeStep({ chain, signal }, message)])
    outcomes.push(outcome)
  }
  return summarize(outcomes)
}

async function takeStep({ chain, signal }: RunEdge, { step, guid, encodedPayload }: DeliverStep): Promise<Outcome> {
  const packet = decodePacket(encodedPayload)
  if (!packet) return { status: 'nothing', reason: `${guid} is no packet that this keeper can read` }
  const calls = { commit: commitCall, receive: receiveCall, compose: composeCall }
  const call = await calls[step](chain, packet)
  return submit(chain, { key: `${step}:${guid}`, ...call, signal })
}

type PlainCall = { to: Address; data: Hex }

async function commitCall(chain: Chain, { header, payloadHash }: Packet): Promise<PlainCall> {
  return {
    to: chain.deployment.external.receiveLibrary,
    data: encodeFunctionData({
      abi: receiveUln302Abi,
      functionName: 'commitVerification',
      args: [header, payloadHash],
    }),
  }
}

async function receiveCall(chain: Chain, packet: Packet): Promise<PlainCall> {
  const { srcEid, sender, nonce, receiver, guid, message } = packet
  return {
    to: chain.deployment.external.endpoint,
    data: encodeFunctionData({
      abi: endpointV2Abi,
      functionName: 'lzReceive',
      args: [{ srcEid, sender, nonce }, toAddress(receiver), guid, message, '0x'],
    }),
  }
}

async function composeCall(chain: Chain, packet: Packet): Promise<PlainCall> {
  const token = toAddress(packet.receiver)
  const unitsPerShared = await chain.client.readContract({
    abi: matiTokenAbi,
    address: token,
    functionName: 'decimalConversionRate',
  })
  const { to, message } = composeOf(packet, unitsPerShared)
  return {
    to: chain.deployment.external.endpoint,
    data: encodeFunctionData({
      abi: endpointV2Abi,
      functionName: 'lzCompose',
      args: [token, to, packet.guid, 0, message, '0x'],
    }),
  }
}
