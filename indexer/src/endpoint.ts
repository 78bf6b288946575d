/** LayerZero's endpoint: the way of MatiToken's messages. Those of other applications are left alone. */
import { decodeOftAmount, decodePacket, guidOf } from '@mati/sdk/layerzero'
import { ponder } from 'ponder:registry'
import { message, messageStep } from 'ponder:schema'
import { type Address, type Hex, isAddressEqual, pad } from 'viem'
import { deploymentOf } from './config/index.ts'
import { factOf } from './fact.ts'
import { describeFailure } from './failure.ts'

/** Units of MATI (18 decimals) in one unit of what its messages carry (6 shared decimals). */
const UNITS_PER_SHARED = 10n ** 12n

ponder.on('Endpoint:PacketSent', async ({ event, context }) => {
  const { encodedPayload } = event.args
  const { token } = deploymentOf(context.chain.id).contracts
  const packet = decodePacket(encodedPayload)
  if (packet?.sender !== pad(token).toLowerCase()) return
  const { guid, nonce, srcEid, dstEid, sender, receiver } = packet
  const amount = decodeOftAmount(packet.message, UNITS_PER_SHARED)
  const row = { guid, nonce, srcEid, dstEid, sender, receiver, encodedPayload, amount }
  await context.db.insert(message).values({ ...factOf(event, context), ...row })
})

ponder.on('Endpoint:PacketVerified', async ({ event, context }) => {
  const { origin, receiver } = event.args
  if (!isOwnToken(receiver, context.chain.id)) return
  const row = { guid: guidOfOrigin(origin, receiver, context.chain.id), kind: 'verified' as const }
  await context.db.insert(messageStep).values({ ...factOf(event, context), ...row })
})

ponder.on('Endpoint:PacketDelivered', async ({ event, context }) => {
  const { origin, receiver } = event.args
  if (!isOwnToken(receiver, context.chain.id)) return
  const row = { guid: guidOfOrigin(origin, receiver, context.chain.id), kind: 'delivered' as const }
  await context.db.insert(messageStep).values({ ...factOf(event, context), ...row })
})

ponder.on('Endpoint:ComposeDelivered', async ({ event, context }) => {
  const { from, guid } = event.args
  if (!isOwnToken(from, context.chain.id)) return
  await context.db.insert(messageStep).values({ ...factOf(event, context), guid, kind: 'composed' })
})

ponder.on('Endpoint:LzReceiveAlert', async ({ event, context }) => {
  const { receiver, executor, guid, reason, gas } = event.args
  if (!isOwnToken(receiver, context.chain.id) || !isOwnExecutor(executor, context.chain.id)) return
  const row = { guid, kind: 'receiveFailed' as const, detail: describeFailure(reason, gas) }
  await context.db.insert(messageStep).values({ ...factOf(event, context), ...row })
})

ponder.on('Endpoint:LzComposeAlert', async ({ event, context }) => {
  const { from, executor, guid, reason, gas } = event.args
  if (!isOwnToken(from, context.chain.id) || !isOwnExecutor(executor, context.chain.id)) return
  const row = { guid, kind: 'composeFailed' as const, detail: describeFailure(reason, gas) }
  await context.db.insert(messageStep).values({ ...factOf(event, context), ...row })
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
