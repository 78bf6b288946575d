import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createPublicClient, http, type Address } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase, type Database } from '../src/database.ts'
import { createLocalSigner } from '../src/signers/local.ts'
import type { UnsignedTransaction } from '../src/signers/signer.ts'
import { createSenderChain, type SenderChain } from '../src/transactions/chain.ts'
import { createSender, type Sender } from '../src/transactions/sender.ts'
import { createTransactionStore, type TransactionStore } from '../src/transactions/store.ts'
import type { StoredTransaction } from '../src/transactions/transaction.ts'
import { FUNDED_KEY, startAnvil, waitUntil, type Anvil } from './support/anvil.ts'
import { startDroppingProxy } from './support/proxy.ts'

const signer = createLocalSigner(FUNDED_KEY)
const log = pino({ level: 'silent' })
const recipient: Address = '0x00000000000000000000000000000000000000aa'
const policy = { rebroadcastAfterMs: 0, replaceAfterMs: 0, supersedeAfterMs: 0, maxFeePerGas: 10n ** 12n }
const { signal } = new AbortController()

let anvil: Anvil
let database: Database
let store: TransactionStore
let folder: string
let clean: `0x${string}`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keeper-sender-'))
  anvil = await startAnvil()
  database = await openDatabase({ kind: 'embedded', dataDir: folder }, log)
  store = await createTransactionStore(database)
}, 60_000)
afterAll(async () => {
  await database.close()
  await anvil.stop()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  clean = await anvil.control.snapshot()
})
afterEach(async () => {
  await anvil.control.revert({ id: clean })
  await anvil.control.request({ method: 'anvil_dropAllTransactions' } as never)
  // A snapshot does not hold the price of the next block.
  await anvil.control.setNextBlockBaseFeePerGas({ baseFeePerGas: 10n ** 9n })
  await database.query('DELETE FROM keeper_transaction')
})

function start(overrides: Partial<SenderChain> = {}, client = anvil.client): Sender {
  const chain = { ...createSenderChain(client, signer.address), ...overrides }
  return createSender({ chainId: foundry.id, chain, signer, store, policy, log, clock: () => performance.now() })
}

function pay(key: string, value = 1n) {
  return { key, to: recipient, data: '0x' as const, value, gas: 21_000n }
}

const account = { chainId: foundry.id, signer: signer.address }
const received = () => anvil.client.getBalance({ address: recipient })
const nonce = () => anvil.client.getTransactionCount({ address: signer.address })
const pool = () => anvil.client.getTransactionCount({ address: signer.address, blockTag: 'pending' })
const stored = async (count: number) => waitUntil(async () => (await store.pending(account)).length === count)
async function theOnlyOne(): Promise<StoredTransaction> {
  const [first, ...others] = await store.pending(account)
  if (!first || others.length > 0) throw new Error('expected one pending transaction')
  return first
}
/** The signer's first nonce, used beside the sender. */
const signForeign = (
  transaction: Pick<UnsignedTransaction, 'to' | 'value' | 'maxFeePerGas' | 'maxPriorityFeePerGas'>,
) => signer.sign({ chainId: foundry.id, nonce: 0, data: '0x', gas: 21_000n, ...transaction })
/** Keeps the promise from being an unhandled rejection until the test looks at it. */
const quiet = <Result>(promise: Promise<Result>) => (promise.catch(() => undefined), promise)

async function lookAndMine(sender: Sender): Promise<void> {
  await sender.look()
  await anvil.mine()
  await sender.look()
}

describe('send', { timeout: 30_000 }, () => {
  test('reports how the transaction ended', async () => {
    const sender = start()
    const sent = sender.send(pay('a', 5n), { signal })
    await waitUntil(async () => (await pool()) === 1)
    await anvil.mine()
    await sender.look()
    expect(await sent).toMatchObject({ status: 'mined', gasUsed: 21_000n })
    expect(await received()).toBe(5n)
    expect(await store.pending(account)).toEqual([])
  })

  test('reports a revert', async () => {
    const sender = start()
    // Creation code of a contract that always reverts: deployed by setCode, called with data.
    await anvil.control.setCode({ address: recipient, bytecode: '0x60006000fd' })
    const sent = sender.send({ ...pay('a', 0n), gas: 100_000n }, { signal })
    await waitUntil(async () => (await pool()) === 1)
    await lookAndMine(sender)
    expect(await sent).toMatchObject({ status: 'reverted' })
  })

  test('gives concurrent intents consecutive nonces without waiting for blocks', async () => {
    const sender = start()
    const sent = Array.from({ length: 20 }, (_, index) => sender.send(pay(`k${index}`), { signal }))
    await waitUntil(async () => (await pool()) === 20)
    await lookAndMine(sender)
    const outcomes = await Promise.all(sent)
    expect(outcomes.every((outcome) => outcome.status === 'mined')).toBe(true)
    expect(await received()).toBe(20n)
  })

  test('joins a pending transaction of the same key', async () => {
    const sender = start()
    const first = sender.send(pay('same'), { signal })
    const second = sender.send(pay('same'), { signal })
    await waitUntil(async () => (await pool()) === 1)
    await lookAndMine(sender)
    expect(await second).toEqual(await first)
    expect(await received()).toBe(1n)
  })

  test('leaves a stored transaction to the next start when aborted', async () => {
    const controller = new AbortController()
    const sent = quiet(start().send(pay('a'), { signal: controller.signal }))
    await stored(1)
    controller.abort()
    await expect(sent).rejects.toThrow('aborted')
    await lookAndMine(start())
    expect(await received()).toBe(1n)
    expect(await store.pending(account)).toEqual([])
  })
})

describe('after a crash', { timeout: 30_000 }, () => {
  test('between storing and broadcasting, the same bytes go out once', async () => {
    const crashing = start({ broadcast: () => new Promise(() => undefined) })
    quiet(crashing.send(pay('a'), { signal }))
    await stored(1)
    const left = await theOnlyOne()
    expect(await pool()).toBe(0)

    const restarted = start()
    const joined = restarted.send(pay('a'), { signal })
    await lookAndMine(restarted)
    expect(await joined).toMatchObject({ status: 'mined', hash: left.attempts[0].hash })
    expect(await received()).toBe(1n)
    expect(await nonce()).toBe(1)
  })

  test('after mining and before recording, nothing is sent again', async () => {
    const crashing = start()
    quiet(crashing.send(pay('a'), { signal }))
    await waitUntil(async () => (await pool()) === 1)
    await anvil.mine()

    let broadcasts = 0
    const restarted = start({ broadcast: async () => void broadcasts++ })
    const joined = restarted.send(pay('a'), { signal })
    await waitUntil(async () => (await store.pending(account)).length === 1)
    await restarted.look()
    expect(await joined).toMatchObject({ status: 'mined' })
    expect(broadcasts).toBe(0)
    expect(await received()).toBe(1n)
  })

  test('before storing, the nonce is still free', async () => {
    const failing = { ...store, add: () => Promise.reject(new Error('crash')) }
    const chain = createSenderChain(anvil.client, signer.address)
    const crashing = createSender({
      chainId: foundry.id,
      chain,
      signer,
      store: failing,
      policy,
      log,
      clock: () => performance.now(),
    })
    await expect(crashing.send(pay('a'), { signal })).rejects.toThrow('crash')

    const restarted = start()
    const sent = restarted.send(pay('b'), { signal })
    await waitUntil(async () => (await pool()) === 1)
    await lookAndMine(restarted)
    expect(await sent).toMatchObject({ status: 'mined' })
    expect(await nonce()).toBe(1)
  })
})

describe('when the network lies', { timeout: 30_000 }, () => {
  test('a dropped answer to a broadcast is not a failure', async () => {
    const proxy = await startDroppingProxy(anvil.url)
    const client = createPublicClient({ chain: foundry, transport: http(proxy.url, { retryCount: 0 }), cacheTime: 0 })
    const sender = start({}, client)
    proxy.dropNext('eth_sendRawTransaction')
    const sent = sender.send(pay('a'), { signal })
    await waitUntil(() => proxy.dropped() === 1)
    expect(await pool()).toBe(1)
    await lookAndMine(sender)
    expect(await sent).toMatchObject({ status: 'mined' })
    expect(await received()).toBe(1n)
    expect(await nonce()).toBe(1)
    await proxy.stop()
  })

  test('a broadcast that never arrived is repeated', async () => {
    let calls = 0
    const chain = createSenderChain(anvil.client, signer.address)
    const sender = start({
      broadcast: (raw) => (calls++ === 0 ? Promise.reject(new Error('connection refused')) : chain.broadcast(raw)),
    })
    const sent = sender.send(pay('a'), { signal })
    await waitUntil(() => calls === 1)
    await lookAndMine(sender)
    expect(await sent).toMatchObject({ status: 'mined' })
    expect(await received()).toBe(1n)
  })

  test('a nonce that another holder of the key used ends as superseded', async () => {
    const sender = start({ broadcast: () => Promise.reject(new Error('connection refused')) })
    const sent = sender.send(pay('a'), { signal })
    await stored(1)
    const foreign = await signForeign({
      to: signer.address,
      value: 0n,
      maxFeePerGas: 10n ** 10n,
      maxPriorityFeePerGas: 1n,
    })
    await anvil.client.sendRawTransaction({ serializedTransaction: foreign.raw })
    await anvil.mine()
    await sender.look()
    await sender.look()
    expect(await sent).toEqual({ status: 'superseded' })
  })
})

describe('look', { timeout: 30_000 }, () => {
  test('fills a stranded nonce so that what waits behind it is mined', async () => {
    const sender = start({ nonce: async (blockTag) => (blockTag === 'pending' ? 2 : nonce()) })
    const sent = sender.send(pay('behind'), { signal })
    await waitUntil(async () => (await store.pending(account))[0]?.nonce === 2)

    const restarted = start()
    const joined = restarted.send(pay('behind'), { signal })
    await restarted.look()
    await restarted.look()
    await waitUntil(async () => (await pool()) === 3)
    await anvil.mine()
    await restarted.look()
    expect(await joined).toMatchObject({ status: 'mined' })
    expect(await nonce()).toBe(3)
    expect(await received()).toBe(1n)
    quiet(sent)
  })

  test('replaces an underpriced transaction at the same nonce', async () => {
    const sender = start()
    const sent = sender.send(pay('a'), { signal })
    await waitUntil(async () => (await pool()) === 1)
    // What was a fair price no longer is.
    await anvil.control.setNextBlockBaseFeePerGas({ baseFeePerGas: 50n * 10n ** 9n })
    await anvil.mine()
    expect(await nonce()).toBe(0)

    await sender.look()
    const replaced = await theOnlyOne()
    expect(replaced.attempts).toHaveLength(2)
    await waitUntil(async () => {
      await anvil.mine()
      return (await nonce()) === 1
    })
    await sender.look()
    expect(await sent).toMatchObject({ status: 'mined', hash: replaced.attempts[1]?.hash })
    expect(await received()).toBe(1n)
  })

  test('recognizes the first form of a replaced transaction when that one was mined', async () => {
    const sender = start()
    const sent = sender.send(pay('a'), { signal })
    await waitUntil(async () => (await pool()) === 1)
    const first = await theOnlyOne()
    const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n }
    const second = await signForeign({ to: recipient, value: 1n, ...fees })
    await store.addAttempt(first, { ...second, ...fees })
    await anvil.mine()
    await sender.look()
    expect(await sent).toMatchObject({ status: 'mined', hash: first.attempts[0].hash })
  })

  test('names what is pending', async () => {
    const sender = start()
    quiet(sender.send(pay('a'), { signal }))
    await waitUntil(async () => (await pool()) === 1)
    await sender.look()
    expect(sender.pending()).toEqual([
      { key: 'a', nonce: 0, hash: expect.stringMatching(/^0x/), ageMs: expect.any(Number) },
    ])
  })
})
