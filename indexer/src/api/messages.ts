/** GET /messages and /messages/:guid: MatiToken's messages between indexed chains. */
import { messageStatus } from '@mati/sdk'
import { db } from 'ponder:api'
import { and, desc, eq, exists, inArray, not, or, sql } from 'ponder'
import { message, messageStep } from 'ponder:schema'
import type { Hex } from 'viem'
import { z } from 'zod'
import { deploymentOfEid } from '../config/index.ts'
import { detailMessage, type SentMessage, type StepRow, viewMessage } from '../message-view.ts'
import { answer, ApiError, createRouter, hashParameter, parseParameters } from './http.ts'

const query = z.strictObject({ status: messageStatus.optional(), isOpen: z.literal('true').optional() })

/** Guids in one statement: databases bound its parameters. */
const GUIDS_AT_ONCE = 1_000

type Condition = ReturnType<typeof exists>

export const messages = createRouter()

messages.get('/messages', async (c) => {
  const { status, isOpen } = parseParameters(query, c.req.query())
  const views = await readMessages(isOpen ? isOpenStill() : undefined, viewMessage)
  return answer(
    c,
    views.filter((view) => (!status || view.status === status) && (!isOpen || view.isOpen)),
  )
})

messages.get('/messages/:guid', async (c) => {
  const { guid } = parseParameters(z.object({ guid: hashParameter }), c.req.param())
  const [detail] = await readMessages(eq(message.guid, guid), detailMessage)
  if (!detail) throw new ApiError(404, 'NOT_FOUND', `message ${guid} is not indexed`)
  return answer(c, detail)
})

async function readMessages<View>(
  condition: Condition | undefined,
  view: (sent: SentMessage, dstChainId: number, steps: readonly StepRow[]) => View,
): Promise<View[]> {
  const sent = await db.select().from(message).where(condition).orderBy(desc(message.timestamp), desc(message.nonce))
  const stepsOf = await readSteps(sent.map(({ guid }) => guid))
  return sent.flatMap((row) => {
    // What became of a message to a chain that is not indexed nobody here can tell.
    const destination = deploymentOfEid(row.dstEid)
    return destination ? [view(row, destination.chainId, stepsOf.get(row.guid) ?? [])] : []
  })
}

async function readSteps(guids: Hex[]): Promise<Map<Hex, StepRow[]>> {
  const steps: (StepRow & { guid: Hex })[] = []
  for (let from = 0; from < guids.length; from += GUIDS_AT_ONCE) {
    const some = inArray(messageStep.guid, guids.slice(from, from + GUIDS_AT_ONCE))
    steps.push(
      ...(await db.select().from(messageStep).where(some).orderBy(messageStep.blockNumber, messageStep.logIndex)),
    )
  }
  return Map.groupBy(steps, (row) => row.guid)
}

/** Leaves out, in the database, those that have come to an end: the others are few, whatever the history. */
function isOpenStill(): Condition {
  const endsHere = not(message.isPayout)
  return not(
    or(
      hasStep(['composed', 'credited', 'returnable', 'returned']),
      and(endsHere, hasStep(['released'])),
      and(endsHere, hasStep(['delivered']), not(hasStep(['waiting']))),
    ) as Condition,
  )
}

function hasStep(kinds: StepRow['kind'][]): Condition {
  const found = db
    .select({ one: sql`1` })
    .from(messageStep)
    .where(and(eq(messageStep.guid, message.guid), inArray(messageStep.kind, kinds)))
  return exists(found)
}
