/** What the chains tell of messages and settlements since a block, as it is to be compared. */
import { type Packet, decodeOftAmount, decodePacket } from '@mati/sdk/layerzero'
import { endpointV2Abi, settlerAbi } from '@mati/sdk'
import { type Address, getAbiItem, getAddress, type Hex, hexToBigInt, size, slice, zeroHash } from 'viem'
import { type Chain, contractsOf, UNIT } from '../drills/world.ts'
import { matiOn } from './stage.ts'

export type Settlement = {
  chain: Chain
  keeper: Address
  token: Address
  /** What was delivered: the asset, or MATI to another chain. */
  out: Address
  amountIn: bigint
  received: bigint
  tip: bigint
  messageRepaid: bigint
  /** Null where it was paid out on its own chain. */
  guid: Hex | null
  members: { merchant: Address; amountIn: bigint; amountOut: bigint }[]
}

export async function settlementsOn(chain: Chain, fromBlock: bigint): Promise<Settlement[]> {
  const { address } = contractsOf(chain).settler
  const query = { address, fromBlock, strict: true } as const
  const [settled, paid] = await Promise.all([
    chain.client.getLogs({ ...query, event: getAbiItem({ abi: settlerAbi, name: 'Settled' }) }),
    chain.client.getLogs({ ...query, event: getAbiItem({ abi: settlerAbi, name: 'PaidOut' }) }),
  ])
  const membersOf = Map.groupBy(
    paid.map(({ args }) => args),
    ({ id }) => id,
  )
  return settled.map(({ args }) => ({
    chain,
    keeper: args.keeper,
    token: args.token,
    out: args.guid === zeroHash ? args.group.asset : matiOn(chain),
    amountIn: args.amountIn,
    received: args.received,
    tip: args.tip,
    messageRepaid: args.messageRepaid,
    guid: args.guid === zeroHash ? null : args.guid,
    members: membersOf.get(args.id) ?? [],
  }))
}

/** What the token's messages carry, and whom a gateway's are for. */
export type Carried = { packet: Packet; from: Chain; amount: bigint; payouts: { account: Address; amount: bigint }[] }

export async function messagesFrom(chain: Chain, fromBlock: bigint): Promise<Carried[]> {
  const event = getAbiItem({ abi: endpointV2Abi, name: 'PacketSent' })
  const { address } = contractsOf(chain).endpoint
  const logs = await chain.client.getLogs({ address, event, fromBlock, strict: true })
  return logs.flatMap(({ args }) => {
    const packet = decodePacket(args.encodedPayload)
    if (!packet || BigInt(packet.sender) !== BigInt(matiOn(chain))) return []
    const amount = decodeOftAmount(packet.message, UNIT) ?? 0n
    return [{ packet, from: chain, amount, payouts: payoutsIn(packet.message) }]
  })
}

/** Recipient (32), amount (8), composeFrom (32), version 1 (1), then account (20) and shared amount (8) each. */
function payoutsIn(message: Hex): Carried['payouts'] {
  const [before, each] = [73, 28]
  const count = (size(message) - before) / each
  if (!Number.isInteger(count) || count < 1) return []
  return Array.from({ length: count }, (_, i) => {
    const item = slice(message, before + i * each, before + (i + 1) * each)
    return { account: getAddress(slice(item, 0, 20)), amount: hexToBigInt(slice(item, 20)) * UNIT }
  })
}
