/** A message's standing, from what both of its chains said of it. Pure. */
import type { MessageView } from '@mati/sdk'
import type { Hex } from 'viem'

export interface SentMessage {
  guid: Hex
  chainId: number
  timestamp: number
  nonce: bigint
  srcEid: number
  dstEid: number
  sender: Hex
  receiver: Hex
  encodedPayload: Hex
  amount: bigint | null
}

export interface MessageStep {
  kind:
    'verified' | 'delivered' | 'composed' | 'credited' | 'returnable' | 'returned' | 'receiveFailed' | 'composeFailed'
  timestamp: number
  detail: string | null
}

/** The furthest of these that was reached is the status. */
const PROGRESS = ['returned', 'returnable', 'credited', 'delivered', 'verified'] as const

/** @param steps What happened to it, oldest first. */
export function viewMessage(sent: SentMessage, dstChainId: number, steps: MessageStep[]): MessageView {
  const firstAt = (kind: MessageStep['kind']) => steps.find((step) => step.kind === kind)?.timestamp ?? null
  const failure = steps.findLast((step) => step.kind === 'receiveFailed' || step.kind === 'composeFailed')
  return {
    guid: sent.guid,
    status: PROGRESS.find((kind) => firstAt(kind) !== null) ?? 'sent',
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
    creditedAt: firstAt('credited'),
    failure: failure?.detail ?? null,
  }
}
