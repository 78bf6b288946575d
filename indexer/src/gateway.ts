/** MatiGateway: what became of the payouts in a message, where it arrived. */
import { ponder } from 'ponder:registry'
import { messageStep } from 'ponder:schema'
import { factOf } from './fact.ts'
import { describeFailure } from './failure.ts'

ponder.on('Gateway:PayoutsCredited', async ({ event, context }) => {
  const { guid } = event.args
  await context.db.insert(messageStep).values({ ...factOf(event, context), guid, kind: 'credited' })
})

ponder.on('Gateway:PayoutsReturnable', async ({ event, context }) => {
  const { guid, reason } = event.args
  const row = { guid, kind: 'returnable' as const, detail: describeFailure(reason) }
  await context.db.insert(messageStep).values({ ...factOf(event, context), ...row })
})

ponder.on('Gateway:PayoutsReturned', async ({ event, context }) => {
  const { guid, returnGuid } = event.args
  const row = { guid, kind: 'returned' as const, detail: `in message ${returnGuid}` }
  await context.db.insert(messageStep).values({ ...factOf(event, context), ...row })
})
