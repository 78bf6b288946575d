import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { testMnemonic } from '../src/accounts.ts'
import { startAnvil, type Anvil } from '../src/anvil.ts'
import { connect, type ChainClient } from '../src/client.ts'
import { joinPresent, startMining } from '../src/clock.ts'
import { findFreePort } from '../src/ports.ts'

let anvil: Anvil
let client: ChainClient

beforeAll(async () => {
  anvil = await startAnvil({
    name: 'chain A',
    chainId: 90_901,
    port: await findFreePort(),
    mnemonic: testMnemonic,
    accounts: 1,
    balance: 1,
    timestamp: 1_700_000_000,
    gasLimit: 30_000_000n,
    baseFee: 1_000_000_000n,
  })
  client = connect({ name: 'A', chainId: 90_901, ...anvil })
})

afterAll(() => anvil?.stop())

describe('startMining', () => {
  test('mines block after block until it is stopped', async () => {
    const mining = startMining(client)
    await vi.waitFor(async () => expect(await client.getBlockNumber()).toBeGreaterThan(3n), { interval: 20 })
    await mining.stop()
    const last = await client.getBlockNumber()
    await sleep(200)
    expect(await client.getBlockNumber()).toBe(last)
  })
})

describe('joinPresent', () => {
  test('lets the chain mine by the clock, at the present', async () => {
    const now = Math.floor(Date.now() / 1_000)
    const before = await client.getBlockNumber()
    await joinPresent(client, 1, now)
    await vi.waitFor(async () => expect(await client.getBlockNumber()).toBeGreaterThan(before + 1n), {
      timeout: 10_000,
    })
    const { timestamp } = await client.getBlock()
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(4)
  })
})
