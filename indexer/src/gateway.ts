/** MatiGateway: what became of the payouts in a message, where it arrived. */
import { ponder } from 'ponder:registry'
import { messageStep } from 'ponder:schema'
import { stepOf } from './fact.ts'

ponder.on('Gateway:PayoutsCredited', async ({ event, context }) => {
  const { guid } = event.args
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'credited' }))
})

ponder.on('Gateway:PayoutsReturnable', async ({ event, context }) => {
  const { guid, reason } = event.args
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'returnable', reason }))
})

ponder.on('Gateway:PayoutsReturned', async ({ event, context }) => {
  const { guid, returnGuid } = event.args
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'returned', returnGuid }))
})
