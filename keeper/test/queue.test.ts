import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../src/database.ts'
import { openQueue, type QueuedAction } from '../src/queue.ts'
import { createTransactionStore } from '../src/transactions/store.ts'
import { waitUntil } from './support/anvil.ts'
import { address } from './support/views.ts'

const log = pino({ level: 'silent' })
let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'keeper-queue-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const open = () => openDatabase({ kind: 'embedded', dataDir }, log)

/** PGlite sets up a database for each test. */
const patient = { timeout: 60_000 }

describe('openQueue', patient, () => {
  test('runs one action per key at a time, and another once it ended', async () => {
    const database = await open()
    const handled: QueuedAction[] = []
    const releases: (() => void)[] = []
    const queue = await openQueue(database, 'capture', (queued) => {
      handled.push(queued)
      return new Promise((resolve) => releases.push(resolve))
    })
    await queue.enqueue([{ key: 'a', action: { amount: 5n } }])
    await queue.enqueue([{ key: 'a', action: { amount: 6n } }])
    await waitUntil(() => handled.length === 1)
    await queue.enqueue([{ key: 'a', action: { amount: 7n } }])
    await queue.enqueue([{ key: 'b', action: { amount: 8n } }])
    await waitUntil(() => handled.length === 2)
    expect(handled).toEqual([
      { key: 'a', action: { amount: '5' } },
      { key: 'b', action: { amount: '8' } },
    ])

    for (const release of releases.splice(0)) release()
    await waitUntil(async () => {
      await queue.enqueue([{ key: 'a', action: { amount: 9n } }])
      return handled.length === 3
    })
    for (const release of releases) release()
    await database.close()
  })

  test('after a restart, what a dead process held can be queued again', async () => {
    const first = await open()
    let isHeld = false
    const queue = await openQueue(first, 'capture', () => {
      isHeld = true
      return new Promise(() => undefined)
    })
    await queue.enqueue([{ key: 'a', action: {} }])
    await waitUntil(() => isHeld)
    // The process ends without completing the job.
    await first.boss.stop({ graceful: false, close: false })
    await first.close()

    const second = await open()
    const handled: string[] = []
    const reopened = await openQueue(second, 'capture', async ({ key }) => void handled.push(key))
    await reopened.enqueue([{ key: 'a', action: {} }])
    await waitUntil(() => handled.length > 0)
    expect(handled).toEqual(['a'])
    await second.close()
  })
})

describe('openDatabase', patient, () => {
  test('keeps transactions over a restart', async () => {
    const account = { chainId: 1, signer: address(1) }
    const intent = { key: 'k', to: address(2), data: '0x', value: 3n, gas: 4n } as const
    const attempt = { hash: '0xaa', raw: '0xbb', maxFeePerGas: 5n, maxPriorityFeePerGas: 6n } as const
    const first = await open()
    const added = await (await createTransactionStore(first)).add(account, 7, intent, attempt)
    await first.close()

    const second = await open()
    const store = await createTransactionStore(second)
    expect(await store.pending(account)).toEqual([added])
    expect(added).toMatchObject({ ...account, ...intent, nonce: 7, status: 'pending', attempts: [attempt] })
    await second.close()
  })

  test('refuses one nonce, or one effect, pending twice', async () => {
    const account = { chainId: 1, signer: address(1) }
    const intent = { key: 'k', to: address(2), data: '0x', value: 3n, gas: 4n } as const
    const attempt = { hash: '0xaa', raw: '0xbb', maxFeePerGas: 5n, maxPriorityFeePerGas: 6n } as const
    const database = await open()
    const store = await createTransactionStore(database)
    const added = await store.add(account, 7, intent, attempt)
    await expect(store.add(account, 7, { ...intent, key: 'other' }, attempt)).rejects.toThrow('unique')
    await expect(store.add(account, 8, intent, attempt)).rejects.toThrow('unique')
    await store.finish(added, { status: 'superseded' })
    expect(await store.add(account, 7, intent, attempt)).toMatchObject({ nonce: 7 })
    await database.close()
  })

  test('refuses a folder that a living process keeps, and takes over from a dead one', async () => {
    writeFileSync(join(dataDir, 'keeper.pid'), String(process.ppid))
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' })
    // No process has so high an id.
    writeFileSync(join(dataDir, 'keeper.pid'), '4194305')
    const database = await open()
    await database.close()
  })
})
