import { ulnCall } from '@mati/contracts/script/messaging'
import { declareEnd } from '@mati/contracts/script/pathway'
import { matiTokenAbi } from '@mati/sdk'
import { type Address, pad } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pathwayOf } from '../../demo/src/config.ts'
import { privileged } from '../../demo/src/doctor/fault.ts'
import { attestBy, commitBy, execute, messageOf, optionsOf, receiveBy, sendMati, verify } from './message.ts'
import { balanceOf, drill } from './state.ts'
import { act, type Chain, contractsOf, govern, look, MATI, startWorld, type World } from './world.ts'

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

test('quorum of DVNs not reached, then reached', () =>
  drill(world, 'quorum', async () => {
    const message = await sendMati(a, b, { amount: 5n * MATI })
    await attestBy(0, [message], world, b)
    await expect(commitBy('keeper', message, b)).rejects.toThrow('LZ_ULN_Verifying')
    await expect(receiveBy('keeper', message, b)).rejects.toThrow('LZ_InvalidNonce(1)')
    expect(await balanceOf(b, to)).toBe(0n)

    await attestBy(1, [message], world, b)
    await commitBy('keeper', message, b)
    await receiveBy('keeper', message, b)
    expect(await balanceOf(b, to)).toBe(5n * MATI)
  }))

test('a message of an unknown peer is never committed', () =>
  drill(world, 'unknown peer', async () => {
    const receiver = pad(contractsOf(b).token.address)
    const params = {
      dstEid: b.eid,
      receiver,
      message: pad('0x01', { size: 40 }),
      options: optionsOf(150_000n),
      payInLzToken: false,
    }
    const sender = world.devnet.accounts.keeper.address
    const { nativeFee } = await look<{ nativeFee: bigint }>(a, 'endpoint', 'quote', [params, sender])
    const message = messageOf(await act(a, 'keeper', 'endpoint', 'send', [params, sender], { value: nativeFee }), a)
    await attestBy(0, [message], world, b)
    await attestBy(1, [message], world, b)
    await expect(commitBy('keeper', message, b)).rejects.toThrow('LZ_PathNotInitializable')
    await expect(receiveBy('keeper', message, b)).rejects.toThrow('LZ_InvalidNonce(1)')
    expect(await look(b, 'token', 'totalSupply')).toBe(0n)
  }))

test('a wrong peer on the receiving side, then the right one', () =>
  drill(world, 'wrong peer', async () => {
    const message = await sendMati(a, b, { amount: 5n * MATI })
    const { token } = b.deployment.contracts
    const setPeer = (peer: Address) => govern(b, privileged(token, matiTokenAbi, 'setPeer', [a.eid, pad(peer)]))
    await verify(message, world, b)
    await setPeer(to)
    await expect(receiveBy('keeper', message, b)).rejects.toThrow(`OnlyPeer(${a.eid}, ${message.sender})`)
    expect(await balanceOf(b, to)).toBe(0n)

    await setPeer(contractsOf(a).token.address)
    await receiveBy('keeper', message, b)
    expect(await balanceOf(b, to)).toBe(5n * MATI)
  }))

test('the DVNs changed while a message is in flight, then restored', () =>
  drill(world, 'DVNs changed', async () => {
    const message = await sendMati(a, b, { amount: 5n * MATI })
    const { received } = declareEnd(pathwayOf(b, a), b.deployment, a.deployment)
    const strangers = [world.devnet.accounts.keeper.address, ...received.requiredDVNs.slice(1)]
    const requiredDVNs = strangers.toSorted((x, y) => (BigInt(x) < BigInt(y) ? -1 : 1))
    await govern(b, ulnCall(b.deployment, a.deployment, 'received', { ...received, requiredDVNs }))
    await attestBy(0, [message], world, b)
    await attestBy(1, [message], world, b)
    await expect(commitBy('keeper', message, b)).rejects.toThrow('LZ_ULN_Verifying')
    expect(await balanceOf(b, to)).toBe(0n)

    await govern(b, ulnCall(b.deployment, a.deployment, 'received', received))
    await commitBy('keeper', message, b)
    await receiveBy('keeper', message, b)
    expect(await balanceOf(b, to)).toBe(5n * MATI)
  }))

test('a delivered message is not delivered again', () =>
  drill(world, 'replay', async () => {
    const message = await sendMati(a, b, { amount: 5n * MATI })
    await verify(message, world, b)
    await execute(message, b)
    await expect(receiveBy('keeper', message, b)).rejects.toThrow('LZ_PayloadHashNotFound')
    await attestBy(0, [message], world, b)
    await attestBy(1, [message], world, b)
    await expect(commitBy('keeper', message, b)).rejects.toThrow('LZ_PathNotVerifiable')
    await expect(receiveBy('keeper', message, b)).rejects.toThrow('LZ_PayloadHashNotFound')
    expect(await balanceOf(b, to)).toBe(5n * MATI)
  }))
