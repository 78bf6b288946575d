/** MatiToken: messages that arrived above what may, and wait until anyone releases them. */
import { ponder } from 'ponder:registry'
import { messageStep } from 'ponder:schema'
import { stepOf } from './fact.ts'

ponder.on('Token:MessageWaiting', async ({ event, context }) => {
  const { guid, message: kept } = event.args
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'waiting', kept }))
})

ponder.on('Token:MessageReleased', async ({ event, context }) => {
  const { guid } = event.args
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'released' }))
})
