import { createPublicClient, defineChain, type Address, type Hex, http, numberToHex, type RpcLog, zeroHash } from 'viem'
import { type Chain, createConstants } from '../../src/chains.ts'
import type { Pool } from '../../src/routes/paths.ts'
import { deployment } from './deployment.ts'
import { address } from './views.ts'

export const here = deployment()

/** What answers in place of a node and its contracts. */
export type Answers = {
  /** What a call returns. */
  call: (data: Hex, gas: bigint) => Hex
  /** What a transaction takes; its revert data if it would fail. */
  estimate?: (data: Hex) => bigint | Hex
  /** What a transaction emits when it is mined. */
  emit?: (data: Hex) => Emitted[]
  /** What a question for logs finds. */
  logs?: (filter: LogFilter) => Emitted[]
  pending?: string[]
  pools?: Pool[]
}

export type Emitted = { address: Address; topics: readonly Hex[]; data: Hex }
export type LogFilter = { fromBlock: Hex; toBlock: Hex }

export type Sent = { key: string; data: Hex; gas: bigint }

/** A chain whose node and contracts are what a test says, and what was sent to it: mined at once. */
export function fakeChain({
  call,
  estimate = () => 21_000n,
  emit = () => [],
  logs = () => [],
  pending = [],
  pools = [],
}: Answers) {
  const sent: Sent[] = []
  const hashOf = (index: number) => numberToHex(index, { size: 32 })

  function answer(method: string, params: readonly unknown[]): unknown {
    if (method === 'eth_call') {
      const { data, gas = '0x0' } = params[0] as { data: Hex; gas?: Hex }
      return call(data, BigInt(gas))
    }
    if (method === 'eth_getLogs') return toLogs(logs(params[0] as LogFilter), zeroHash)
    if (method === 'eth_getTransactionReceipt') return receiptOf(params[0] as Hex)
    if (method !== 'eth_estimateGas') throw new Error(`${method} was not expected`)
    const gas = estimate((params[0] as { data: Hex }).data)
    if (typeof gas === 'bigint') return numberToHex(gas)
    throw Object.assign(new Error('execution reverted'), { data: gas })
  }

  function receiptOf(hash: Hex) {
    const transaction = sent[Number(hash) - 1]
    if (!transaction) return null
    const emitted = toLogs(emit(transaction.data), hash)
    return { transactionHash: hash, blockHash: hash, blockNumber: '0x1', status: '0x1', type: '0x2', logs: emitted }
  }

  const toLogs = (emitted: Emitted[], hash: Hex) =>
    emitted.map(({ topics, ...log }, i): RpcLog => ({
      ...log,
      topics: topics as RpcLog['topics'],
      blockHash: hash,
      blockNumber: '0x1',
      logIndex: numberToHex(i),
      transactionHash: hash,
      transactionIndex: '0x0',
      removed: false,
    }))

  const fetchFn = async (_: unknown, init?: RequestInit) => {
    const { id, method, params } = JSON.parse(String(init?.body)) as { id: number; method: string; params: unknown[] }
    try {
      return Response.json({ id, jsonrpc: '2.0', result: answer(method, params) })
    } catch (error) {
      const { message, data } = error as Error & { data?: Hex }
      return Response.json({ id, jsonrpc: '2.0', error: { code: 3, message, data } })
    }
  }

  const viemChain = defineChain({
    id: here.chainId,
    name: here.name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: ['http://node'] } },
  })
  const client = createPublicClient({ chain: viemChain, transport: http('http://node', { fetchFn, retryCount: 0 }) })
  const chain: Chain = {
    deployment: here,
    client,
    signer: address(1),
    pools: async () => pools,
    ...createConstants(client, here),
    sender: {
      async send({ key, data, gas }) {
        sent.push({ key, data, gas })
        return { status: 'mined', hash: hashOf(sent.length), blockNumber: 1n, gasUsed: 1n }
      },
      look: async () => {},
      pending: () => pending.map((key) => ({ key, nonce: 0, hash: '0x', ageMs: 0 })),
    },
  }
  return { chain, sent, hashOf }
}
