import { matiGatewayAbi, matiTokenAbi } from '@mati/sdk'
import { encodeErrorResult, encodeFunctionData, type Address, type Hex, pad } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { privileged } from '../../demo/src/doctor/fault.ts'
import {
  attestBy,
  commitBy,
  composeArgs,
  composeBy,
  eventOf,
  execute,
  executeCompose,
  type Message,
  messageOf,
  receiveBy,
  sendMati,
  verify,
} from './message.ts'
import { balanceOf, drill } from './state.ts'
import { act, type Chain, contractsOf, govern, guard, look, MATI, startWorld, type World } from './world.ts'

let world: World
let a: Chain
let b: Chain
let merchant: Address
let relayer: Address
beforeAll(async () => {
  world = await startWorld()
  ;[a, b] = world.chains
  merchant = world.devnet.accounts.merchant1.address
  relayer = world.devnet.accounts.relayer.address
})
afterAll(() => world?.devnet.stop())

/** The gateway's message of one payout to the merchant. */
async function sendPayout(amount: bigint): Promise<Message> {
  const payouts = [{ account: merchant, amount }]
  await act(a, 'deployer', 'token', 'approve', [contractsOf(a).gateway.address, amount])
  const value = await look(a, 'gateway', 'quote', [b.eid, 1n])
  const args = [b.eid, payouts, world.devnet.accounts.deployer.address]
  return messageOf(await act(a, 'deployer', 'gateway', 'send', args, { value }), a)
}

const ledgerOf = (chain: Chain) => look(chain, 'escrow', 'balanceOf', [merchant, contractsOf(chain).token.address])
const isProcessed = (guid: Hex) => look<boolean>(b, 'gateway', 'isProcessed', [guid])

test('lzReceive runs out of gas; anyone retries', () =>
  drill(world, 'lzReceive out of gas', async () => {
    const message = await sendMati(a, b, { amount: 5n * MATI })
    await verify(message, world, b)
    const alert = eventOf<{ guid: Hex; gas: bigint }>(
      await execute(message, b, 30_000n),
      b,
      'endpoint',
      'LzReceiveAlert',
    )
    expect(alert).toMatchObject({ guid: message.guid, gas: 30_000n })
    expect(await balanceOf(b, relayer)).toBe(0n)
    await receiveBy('keeper', message, b)
    expect(await balanceOf(b, relayer)).toBe(5n * MATI)
  }))

test('lzCompose runs out of gas; a stranger executes it with the least that can pass', () =>
  drill(world, 'lzCompose out of gas', async () => {
    const message = await sendPayout(5n * MATI)
    await verify(message, world, b)
    await execute(message, b)
    const failed = await executeCompose(message, b, 60_000n)
    expect(eventOf<{ guid: Hex }>(failed, b, 'endpoint', 'LzComposeAlert').guid).toBe(message.guid)
    expect(await isProcessed(message.guid)).toBe(false)

    const least = await leastGas(message)
    await expect(composeBy('keeper', message, b, least - 1n)).rejects.toThrow('Gateway_InsufficientGas')
    expect([await isProcessed(message.guid), await ledgerOf(b)]).toEqual([false, 0n])
    const receipt = await composeBy('keeper', message, b, least)
    const credited = eventOf(receipt, b, 'gateway', 'PayoutsCredited')
    expect(credited).toMatchObject({ guid: message.guid, amount: 5n * MATI, count: 1n })
    expect(await ledgerOf(b)).toBe(5n * MATI)
  }))

async function leastGas(message: Message): Promise<bigint> {
  const { address, abi } = contractsOf(b).endpoint
  const data = encodeFunctionData({ abi, functionName: 'lzCompose', args: composeArgs(message) })
  const account = world.devnet.accounts.keeper.address
  const passes = (gas: bigint) =>
    b.client.call({ account, to: address, data, gas }).then(
      () => true,
      () => false,
    )
  let [refused, passing] = [30_000n, 2_000_000n]
  while (passing - refused > 1n) {
    const middle = (refused + passing) / 2n
    if (await passes(middle)) passing = middle
    else refused = middle
  }
  return passing
}

test('an unreadable payload of a known sender is given back by anyone', () =>
  drill(world, 'malformed payload', async () => {
    const { gateway } = b.deployment.contracts
    const sender = world.devnet.accounts.deployer.address
    await govern(b, privileged(gateway, matiGatewayAbi, 'setPeer', [a.eid, pad(sender)]))
    const message = await sendMati(a, b, { amount: 5n * MATI, to: gateway, payload: '0xdeadbeef' })
    await verify(message, world, b)
    await execute(message, b)
    const kept = eventOf(await composeBy('keeper', message, b), b, 'gateway', 'PayoutsReturnable')
    const args = [5n * MATI, 0n] as const
    const reason = encodeErrorResult({ abi: matiGatewayAbi, errorName: 'Gateway_UnreadablePayload', args })
    expect(kept).toMatchObject({ guid: message.guid, amount: 5n * MATI, payload: '0xdeadbeef', reason })
    await expect(composeBy('keeper', message, b)).rejects.toThrow('LZ_ComposeNotFound')
    await giveBack(message, '0xdeadbeef', sender)
  }))

test('the way back is closed: it stays claimable, then is given back', () =>
  drill(world, 'way back closed', async () => {
    const { gateway, token } = b.deployment.contracts
    const sender = world.devnet.accounts.deployer.address
    const message = await sendMati(a, b, { amount: 5n * MATI, to: gateway, payload: '0xdeadbeef' })
    await verify(message, world, b)
    await execute(message, b)
    const kept = eventOf(await composeBy('keeper', message, b), b, 'gateway', 'PayoutsReturnable')
    const from = pad(sender).toLowerCase() as Hex
    const reason = encodeErrorResult({ abi: matiGatewayAbi, errorName: 'Gateway_UnknownSender', args: [a.eid, from] })
    expect(kept).toMatchObject({ amount: 5n * MATI, from, payload: '0x', reason })

    const attempt = () => act(b, 'keeper', 'gateway', 'giveBack', [message.guid, '0x'], { value: MATI })
    const setPaused = (isPaused: boolean) =>
      guard(b, privileged(token, matiTokenAbi, 'setOutboundPaused', [a.eid, isPaused]))
    await setPaused(true)
    await expect(attempt()).rejects.toThrow(`Token_OutboundPaused(${a.eid})`)
    await setPaused(false)
    const setPeer = (peer: Hex) => govern(b, privileged(token, matiTokenAbi, 'setPeer', [a.eid, peer]))
    await setPeer(pad('0x'))
    await expect(attempt()).rejects.toThrow(`NoPeer(${a.eid})`)
    await setPeer(pad(contractsOf(a).token.address))
    expect(await look(b, 'gateway', 'returnable', [message.guid])).toMatchObject({ amount: 5n * MATI })
    await giveBack(message, '0x', sender)
  }))

/** By a stranger, and all the way to the sender's own chain. */
async function giveBack(message: Message, payload: Hex, sender: Address): Promise<void> {
  const before = await balanceOf(a, sender)
  const value = await look(b, 'gateway', 'quoteGiveBack', [message.guid, payload])
  const back = messageOf(await act(b, 'keeper', 'gateway', 'giveBack', [message.guid, payload], { value }), b)
  await verify(back, world, a)
  await execute(back, a)
  expect((await balanceOf(a, sender)) - before).toBe(5n * MATI)
  const again = act(b, 'keeper', 'gateway', 'giveBack', [message.guid, payload], { value })
  await expect(again).rejects.toThrow('Gateway_NotReturnable')
}

test('a hundred verified messages wait and are executed in order', () =>
  drill(world, 'backlog', async () => {
    const messages: Message[] = []
    for (let i = 1n; i <= 100n; i++) messages.push(await sendMati(a, b, { amount: i * MATI }))
    for (let i = 0; i < messages.length; i += 20) {
      await attestBy(0, messages.slice(i, i + 20), world, b)
      await attestBy(1, messages.slice(i, i + 20), world, b)
    }
    const last = messages.at(-1) as Message
    await commitBy('relayer', last, b)
    await expect(receiveBy('keeper', last, b)).rejects.toThrow('LZ_InvalidNonce(1)')
    for (const message of messages.slice(0, -1)) await commitBy('relayer', message, b)
    for (const [i, message] of messages.entries()) {
      await execute(message, b)
      const n = BigInt(i + 1)
      expect(await balanceOf(b, relayer), `after message ${n}`).toBe(((n * (n + 1n)) / 2n) * MATI)
    }
  }))
