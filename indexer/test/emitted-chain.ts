/** A local chain on which any address emits any event when told to, block by block: what an index must cope with. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import {
  type Abi,
  type AbiEvent,
  type Address,
  concat,
  createTestClient,
  encodeAbiParameters,
  encodeEventTopics,
  getAbiItem,
  type Hex,
  http,
  publicActions,
  toHex,
  walletActions,
} from 'viem'
import { privateKeyToAddress } from 'viem/accounts'

/** One event to be emitted. */
export interface Emission {
  from: Address
  abi: Abi
  name: string
  args: Record<string, unknown>
}

/**
 * Emits one log: calldata is the number of topics (a byte), the topics, the data. It copies the data to memory,
 * pushes four words of calldata as topics, and jumps to the LOG that takes as many of them as it was told.
 */
const EMITTER: Hex =
  '0x60003560001a8060051b600101803603808260003760613560413560213560013584600088600302602901565ba1005ba2005ba3005ba400'
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
/** Who sends every transaction. */
export const SENDER = privateKeyToAddress(KEY)

export type EmittedChain = Awaited<ReturnType<typeof startEmittedChain>>

export async function startEmittedChain(chainId: number, emitters: Address[]) {
  const port = await freePort()
  const rpcUrl = `http://127.0.0.1:${port}`
  const anvil = spawnAnvil(['--chain-id', String(chainId), '--port', String(port), '--no-mining', '--silent'])
  const client = createTestClient({ mode: 'anvil', transport: http(rpcUrl) })
    .extend(publicActions)
    .extend(walletActions)
  await untilAnswers(() => client.getChainId())
  for (const address of emitters) await client.setCode({ address, bytecode: EMITTER })
  let nonce = 0

  return {
    chainId,
    client,
    http: rpcUrl,
    ws: `ws://127.0.0.1:${port}`,
    /** Mines a block with these events, each in a transaction of its own, in that order. */
    async block(...emissions: Emission[]): Promise<void> {
      for (const { from: to, ...event } of emissions) {
        const terms = { account: SENDER, to, data: encodeEmission(event), gas: 500_000n, nonce: nonce++, chain: null }
        await client.sendTransaction(terms)
      }
      await client.mine({ blocks: 1 })
      const number = await client.getBlockNumber({ cacheTime: 0 })
      const logs = await client.getLogs({ fromBlock: number, toBlock: number })
      if (logs.length !== emissions.length) throw new Error(`${logs.length} of ${emissions.length} events were emitted`)
    },
    /** Takes the last `depth` blocks back and mines empty ones, one more, in their place. */
    async reorg(depth: number): Promise<void> {
      await client.request<{ Method: 'anvil_reorg'; Parameters: [number, []]; ReturnType: null }>({
        method: 'anvil_reorg',
        params: [depth, []],
      })
      await client.mine({ blocks: 1 })
      nonce = await client.getTransactionCount({ address: SENDER })
    },
    async stop(): Promise<void> {
      const ended = new Promise((done) => anvil.once('exit', done))
      if (anvil.exitCode === null && anvil.kill()) await ended
    },
  }
}

function encodeEmission({ abi, name, args }: Omit<Emission, 'from'>): Hex {
  const event = getAbiItem({ abi, name }) as AbiEvent
  const topics = encodeEventTopics({ abi: [event], args }) as Hex[]
  const inputs = event.inputs.filter((input) => !input.indexed)
  const data = encodeAbiParameters(
    inputs,
    inputs.map((input) => args[input.name ?? '']),
  )
  return concat([toHex(topics.length, { size: 1 }), ...topics, data])
}

/** Anvil's native binary: npm's wrapper around it would survive being killed. */
function spawnAnvil(flags: string[]): ChildProcess {
  const name = `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  const path = join(dirname(manifest), 'bin', 'anvil')
  return spawn(path, flags, { stdio: 'ignore' })
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

/** Repeats until it does not throw, for at most ten seconds. */
export async function untilAnswers<T>(ask: () => Promise<T>, timeoutMs = 10_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((done) => setTimeout(done, 50))
    }
  }
}
