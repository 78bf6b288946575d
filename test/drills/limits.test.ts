import { matiTokenAbi } from '@mati/sdk'
import { type Address, encodePacked, type Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pathwayOf } from '../../demo/src/config.ts'
import { privileged } from '../../demo/src/doctor/fault.ts'
import { eventOf, execute, type Message, sendMati, verify } from './message.ts'
import { balanceOf, drill } from './state.ts'
import { act, type Chain, govern, guard, look, MATI, passTime, startWorld, type World } from './world.ts'

const windowSeconds = 1_000

let world: World
let a: Chain
let b: Chain
let to: Address
beforeAll(async () => {
  world = await startWorld()
  ;[a, b] = world.chains
  to = world.devnet.accounts.relayer.address
})
afterAll(() => world?.devnet.stop())

/** What may arrive at once on B from A. */
function limitInbound(capacity: bigint): Promise<void> {
  const { limits } = pathwayOf(b, a).ends[0]
  const changed = { ...limits, inbound: { capacity, windowSeconds } }
  return govern(b, privileged(b.deployment.contracts.token, matiTokenAbi, 'setLimits', [a.eid, changed]))
}

type Waiting = { guid: Hex; message: Hex }

/** Executes a message that may not mint yet. */
async function wait(message: Message): Promise<Waiting> {
  const receipt = await execute(message, b)
  const { guid, amount, message: kept } = eventOf<Waiting & { amount: bigint }>(receipt, b, 'token', 'MessageWaiting')
  const { timestamp } = await b.client.getBlock({ blockNumber: receipt.blockNumber })
  const types = ['uint64', 'uint64', 'bytes'] as const
  expect(kept).toBe(encodePacked(types, [message.nonce, timestamp, message.message]))
  expect([guid, amount > 0n]).toEqual([message.guid, true])
  return { guid, message: kept }
}

const release = ({ guid, message }: Waiting) => act(b, 'keeper', 'token', 'release', [guid, a.eid, message])

async function sendVerified(...amounts: bigint[]): Promise<Message[]> {
  const messages: Message[] = []
  for (const amount of amounts) messages.push(await sendMati(a, b, { amount }))
  for (const message of messages) await verify(message, world, b)
  return messages
}

test('many messages hit the limit, wait by guid, and are released by a stranger in another order', () =>
  drill(world, 'rate limit', async () => {
    await limitInbound(100n * MATI)
    const amounts = [100n, 60n, 50n, 40n].map((amount) => amount * MATI)
    const [first, ...others] = await sendVerified(...amounts)
    await execute(first as Message, b)
    const waiting: Waiting[] = []
    for (const message of others) waiting.push(await wait(message))
    const [sixty, fifty, forty] = waiting as [Waiting, Waiting, Waiting]
    await expect(release(forty)).rejects.toThrow(`Token_OverLimit(${a.eid}, ${40n * MATI}, `)
    expect(await balanceOf(b, to)).toBe(100n * MATI)

    await passTime(b, windowSeconds)
    await release(forty)
    await release(fifty)
    await expect(release(sixty)).rejects.toThrow(`Token_OverLimit(${a.eid}, ${60n * MATI}, `)
    await expect(release(forty)).rejects.toThrow(`Token_NotWaiting(${forty.guid})`)
    await passTime(b, windowSeconds)
    await release(sixty)
    expect(await balanceOf(b, to)).toBe(250n * MATI)
  }))

test('a message above a limit lowered in flight waits for its share, the allowance empty', () =>
  drill(world, 'oversized', async () => {
    const [filling, oversized] = await sendVerified(100n * MATI, 300n * MATI)
    await limitInbound(100n * MATI)
    // Lowering kept the bucket's level; the first message empties it.
    await execute(filling as Message, b)
    const waiting = await wait(oversized as Message)
    await passTime(b, 2 * windowSeconds)
    await expect(release(waiting)).rejects.toThrow(`Token_OverLimit(${a.eid}, ${300n * MATI}, ${100n * MATI})`)
    expect(await balanceOf(b, to)).toBe(100n * MATI)

    await passTime(b, windowSeconds)
    await release(waiting)
    expect(await balanceOf(b, to)).toBe(400n * MATI)
    const [, inbound] = await look<readonly bigint[]>(b, 'token', 'available', [a.eid])
    expect(inbound).toBe(0n)
  }))

test('a pathway paused while a message is in flight: it waits, for a bounded time, and is released', () =>
  drill(world, 'paused', async () => {
    const [message] = await sendVerified(5n * MATI)
    const { timestamp } = await b.client.getBlock()
    const pause = (until: bigint) =>
      guard(b, privileged(b.deployment.contracts.token, matiTokenAbi, 'pauseInbound', [a.eid, Number(until)]))
    await expect(pause(timestamp + 8n * 86_400n)).rejects.toThrow('Token_PauseTooLong')
    const until = timestamp + 3_600n
    await pause(until)
    const waiting = await wait(message as Message)
    await expect(release(waiting)).rejects.toThrow('Token_InboundPaused')
    await expect(pause(until + 3_600n)).rejects.toThrow('Token_PausedTooRecently')
    expect(await look(b, 'token', 'inboundPausedUntil', [a.eid])).toBe(Number(until))
    expect(await balanceOf(b, to)).toBe(0n)

    await passTime(b, 3_600)
    await release(waiting)
    expect(await balanceOf(b, to)).toBe(5n * MATI)
  }))
