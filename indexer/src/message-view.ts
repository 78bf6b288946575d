/** A message's standing, from what both of its chains said of it. Pure. */
import type { MessageDetail, MessageFailure, MessageStatus, MessageStep, MessageView } from '@mati/sdk'
import type { Address, Hex } from 'viem'
import { decodeReason } from './failure.ts'

export interface SentMessage {
  guid: Hex
  chainId: number
  hash: Hex
  blockNumber: bigint
  timestamp: number
  nonce: bigint
  srcEid: number
  dstEid: number
  sender: Hex
  receiver: Hex
  encodedPayload: Hex
  by: Address
  amount: bigint | null
  isPayout: boolean
}

/** One row of what the destination said. */
export interface StepRow {
  kind: Exclude<MessageStep['name'], 'sent'>
  chainId: number
  hash: Hex
  blockNumber: bigint
  timestamp: number
  by: Address
  reason: Hex | null
  gas: bigint | null
  /** What releases it, of what waits. */
  kept: Hex | null
  returnGuid: Hex | null
}

type Kind = StepRow['kind']

/** The furthest of these that was reached tells the status; what was released is where others are once received. */
const PROGRESS: readonly [Kind, MessageStatus][] = [
  ['returned', 'returned'],
  ['returnable', 'returnable'],
  ['credited', 'credited'],
  ['composed', 'composed'],
  ['released', 'delivered'],
  ['waiting', 'waiting'],
  ['delivered', 'delivered'],
  ['verified', 'verified'],
]

/** What each attempt was for, and what tells that it was made. */
const ATTEMPTS = { receive: ['receiveFailed', 'delivered'], compose: ['composeFailed', 'composed'] } as const
const FAILED: Partial<Record<Kind, MessageFailure['step']>> = {
  receiveFailed: 'receive',
  composeFailed: 'compose',
  returnable: 'credit',
}

/** @param steps What happened to it, oldest first. */
export function viewMessage(sent: SentMessage, dstChainId: number, steps: readonly StepRow[]): MessageView {
  const firstAt = (kind: Kind) => steps.find((step) => step.kind === kind)?.timestamp ?? null
  const status = PROGRESS.find(([kind]) => firstAt(kind) !== null)?.[1] ?? 'sent'
  const [receives, composes] = [attemptsOf(steps, 'receive'), attemptsOf(steps, 'compose')]
  const retry = [...receives.slice(1), ...composes.slice(1)].at(-1)
  const failure = steps.map(failureOf).findLast((found) => found !== null)
  return {
    guid: sent.guid,
    status,
    isOpen: ['sent', 'verified', 'waiting'].includes(status) || (status === 'delivered' && sent.isPayout),
    isPayout: sent.isPayout,
    srcChainId: sent.chainId,
    dstChainId,
    srcEid: sent.srcEid,
    dstEid: sent.dstEid,
    nonce: sent.nonce,
    sender: sent.sender,
    receiver: sent.receiver,
    encodedPayload: sent.encodedPayload,
    amount: sent.amount,
    sentAt: sent.timestamp,
    verifiedAt: firstAt('verified'),
    deliveredAt: firstAt('delivered'),
    waitingAt: firstAt('waiting'),
    releasedAt: firstAt('released'),
    composedAt: firstAt('composed'),
    creditedAt: firstAt('credited'),
    waitingMessage: steps.find(({ kind }) => kind === 'waiting')?.kept ?? null,
    tries: { receive: receives.length, compose: composes.length },
    retriedBy: retry?.by ?? null,
    failure: failure ?? null,
  }
}

/** The same with every step. */
export function detailMessage(sent: SentMessage, dstChainId: number, steps: readonly StepRow[]): MessageDetail {
  const { chainId, hash, blockNumber, timestamp, by } = sent
  const sending: MessageStep = {
    name: 'sent',
    chainId,
    hash,
    blockNumber,
    timestamp,
    by,
    failure: null,
    returnGuid: null,
  }
  return { ...viewMessage(sent, dstChainId, steps), steps: [sending, ...steps.map(viewStep)] }
}

function viewStep(row: StepRow): MessageStep {
  const { kind: name, chainId, hash, blockNumber, timestamp, by, returnGuid } = row
  return { name, chainId, hash, blockNumber, timestamp, by, failure: failureOf(row), returnGuid }
}

function failureOf({ kind, reason, gas, timestamp, by }: StepRow): MessageFailure | null {
  const step = FAILED[kind]
  return step && reason !== null ? { step, ...decodeReason(reason, gas), timestamp, by } : null
}

function attemptsOf(steps: readonly StepRow[], attempt: keyof typeof ATTEMPTS): StepRow[] {
  const kinds: readonly Kind[] = ATTEMPTS[attempt]
  return steps.filter(({ kind }) => kinds.includes(kind))
}
