/** LayerZero's endpoint: the way of MatiToken's messages. Those of other applications are left alone. */
import { decodeOftAmount, decodePacket, guidOf, hasCompose, recipientOf } from '@mati/sdk/layerzero'
import { ponder } from 'ponder:registry'
import { message, messageStep } from 'ponder:schema'
import { type Address, type Hex, isAddressEqual, pad } from 'viem'
import { deploymentOf, deploymentOfEid } from './config/index.ts'
import { factOf, stepOf } from './fact.ts'

/** Units of MATI (18 decimals) in one unit of what its messages carry (6 shared decimals). */
const UNITS_PER_SHARED = 10n ** 12n

ponder.on('Endpoint:PacketSent', async ({ event, context }) => {
  const { encodedPayload } = event.args
  const { token } = deploymentOf(context.chain.id).contracts
  const packet = decodePacket(encodedPayload)
  if (packet?.sender !== pad(token).toLowerCase()) return
  const { guid, nonce, srcEid, dstEid, sender, receiver } = packet
  const amount = decodeOftAmount(packet.message, UNITS_PER_SHARED)
  const gateway = deploymentOfEid(dstEid)?.contracts.gateway
  const isPayout =
    hasCompose(packet.message) && gateway !== undefined && isAddressEqual(recipientOf(packet.message), gateway)
  const row = { guid, nonce, srcEid, dstEid, sender, receiver, encodedPayload, amount, isPayout }
  await context.db.insert(message).values({ ...factOf(event, context), ...row, by: event.transaction.from })
})

ponder.on('Endpoint:PacketVerified', async ({ event, context }) => {
  const { origin, receiver } = event.args
  if (!isOwnToken(receiver, context.chain.id)) return
  const guid = guidOfOrigin(origin, receiver, context.chain.id)
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'verified' }))
})

ponder.on('Endpoint:PacketDelivered', async ({ event, context }) => {
  const { origin, receiver } = event.args
  if (!isOwnToken(receiver, context.chain.id)) return
  const guid = guidOfOrigin(origin, receiver, context.chain.id)
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'delivered' }))
})

ponder.on('Endpoint:ComposeDelivered', async ({ event, context }) => {
  const { from, guid } = event.args
  if (!isOwnToken(from, context.chain.id)) return
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'composed' }))
})

ponder.on('Endpoint:LzReceiveAlert', async ({ event, context }) => {
  const { receiver, executor, guid, reason, gas } = event.args
  if (!isOwnToken(receiver, context.chain.id) || !isOwnExecutor(executor, context.chain.id)) return
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'receiveFailed', reason, gas }))
})

ponder.on('Endpoint:LzComposeAlert', async ({ event, context }) => {
  const { from, executor, guid, reason, gas } = event.args
  if (!isOwnToken(from, context.chain.id) || !isOwnExecutor(executor, context.chain.id)) return
  await context.db.insert(messageStep).values(stepOf(event, context, { guid, kind: 'composeFailed', reason, gas }))
})

function isOwnToken(address: Address, chainId: number): boolean {
  return isAddressEqual(address, deploymentOf(chainId).contracts.token)
}

/** Anyone may emit an alert; only the executor of the deployment is believed. */
function isOwnExecutor(address: Address, chainId: number): boolean {
  return isAddressEqual(address, deploymentOf(chainId).external.executor)
}

function guidOfOrigin(origin: { srcEid: number; sender: Hex; nonce: bigint }, receiver: Address, chainId: number): Hex {
  return guidOf({ ...origin, dstEid: deploymentOf(chainId).eid, receiver: pad(receiver) })
}
