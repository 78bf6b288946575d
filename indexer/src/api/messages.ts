/** GET /messages: MatiToken's messages between indexed chains. */
import { messageView, type MessageView } from '@mati/sdk'
import { db } from 'ponder:api'
import { desc, inArray } from 'ponder'
import { message, messageStep } from 'ponder:schema'
import { z } from 'zod'
import { deploymentOfEid } from '../config/index.ts'
import { viewMessage } from '../message-view.ts'
import { answer, createRouter, parseParameters } from './http.ts'

const query = z.strictObject({ status: messageView.shape.status.optional() })

export const messages = createRouter()

messages.get('/messages', async (c) => {
  const { status } = parseParameters(query, c.req.query())
  const views = await readMessages()
  return answer(c, status ? views.filter((view) => view.status === status) : views)
})

async function readMessages(): Promise<MessageView[]> {
  const sent = await db.select().from(message).orderBy(desc(message.timestamp), desc(message.nonce))
  if (sent.length === 0) return []
  const guids = sent.map(({ guid }) => guid)
  const steps = await db
    .select()
    .from(messageStep)
    .where(inArray(messageStep.guid, guids))
    .orderBy(messageStep.blockNumber, messageStep.logIndex)
  const stepsOf = Map.groupBy(steps, (row) => row.guid)
  return sent.flatMap((row) => {
    // What became of a message to a chain that is not indexed nobody here can tell.
    const destination = deploymentOfEid(row.dstEid)
    return destination ? [viewMessage(row, destination.chainId, stepsOf.get(row.guid) ?? [])] : []
  })
}
