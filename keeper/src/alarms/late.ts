/** Messages that should have arrived long ago. Pure. */
import type { MessageStatus, MessageView } from '@mati/sdk'
import type { Clocks } from '../jobs/job.ts'
import type { Finding } from './alarms.ts'

/** What a message of each status waits for, and what can be done about it. */
const MISSING: Partial<Record<MessageStatus, { state: string; action: string }>> = {
  sent: {
    state: 'not verified',
    action:
      "See which DVNs have attested it (PayloadVerified at the receive library), and ask the missing one's operator. " +
      'Where all have, nobody can commit: look at the pathway with doctor.',
  },
  verified: {
    state: 'verified and not received',
    action: 'Read its failure; anyone may retry with more gas. A lower nonce that is not verified holds it up as well.',
  },
  waiting: {
    state: 'waiting in the token',
    action: 'Compare its amount with available(srcEid): raise the limit, or end the pause, if it should arrive sooner.',
  },
  delivered: {
    state: 'received and not credited',
    action: 'Read its failure: anyone may retry its compose once the reason is gone.',
  },
}

/**
 * One finding per pathway and status, which names the message that is late for longest.
 * @param lateSeconds How long after its sending a message may be on its way, by its destination's time.
 */
export function assessLate(messages: readonly MessageView[], clocks: Clocks, lateSeconds: number): Finding[] {
  const late = messages.filter(({ isOpen, sentAt, dstChainId }) => {
    const now = clocks.get(dstChainId)
    return isOpen && now !== undefined && now - sentAt > lateSeconds
  })
  const groups = Map.groupBy(late, ({ srcEid, dstEid, status }) => `late:${srcEid}:${dstEid}:${status}`)
  return [...groups].flatMap(([key, group]): Finding[] => {
    const [oldest, ...others] = group.toSorted((a, b) => a.sentAt - b.sentAt)
    const missing = oldest && MISSING[oldest.status]
    if (!oldest || !missing) return []
    const { guid, nonce, srcChainId, dstChainId, sentAt, failure } = oldest
    const more = others.length > 0 ? ` and ${others.length} more` : ''
    const reason = failure ? `; last failure: ${failure.message}${failure.isOutOfGas ? ' (out of gas)' : ''}` : ''
    const since = new Date(sentAt * 1_000).toISOString()
    const what = `message ${guid} (nonce ${nonce}, chain ${srcChainId} to ${dstChainId})${more}: ${missing.state}, sent ${since}${reason}`
    return [{ kind: 'late', key, what, action: missing.action, looks: 1 }]
  })
}
