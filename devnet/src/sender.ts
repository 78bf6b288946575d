import { setTimeout as sleep } from 'node:timers/promises'
import {
  BaseError,
  createPublicClient,
  decodeErrorResult,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  http,
  keccak256,
  RpcRequestError,
  type Abi,
  type Address,
  type Hex,
  type TransactionReceipt,
} from 'viem'
import type { HDAccount } from 'viem/accounts'
import type { Artifact } from './artifacts.ts'
import type { ChainClient } from './client.ts'
import { DevnetError } from './errors.ts'

const maxFeePerGas = 50_000_000_000n
const maxPriorityFeePerGas = 1_000_000_000n
/** Enough for the largest contract of others, and below the cap on one transaction that real networks have (2^24). */
const deployGas = 6_000_000n
const callGas = 500_000n
/** Declared gas on its way at once per account: with two accounts at work it still fits one block. */
const windowGas = 12_000_000n
/** Blocks come once a second: an answer that takes longer than some of them will not come. */
const answerWithinMs = 5_000
const repeatAfterMs = 100
const minedWithinMs = 60_000

/** One transaction to be sent; `label` and `abi` make its failure readable. */
export interface Call {
  label: string
  to?: Address
  data: Hex
  value?: bigint
  gas: bigint
  abi: Abi
}

export interface Sender {
  address: Address
  /** Sends and resolves when mined. @throws DevnetError `transaction-reverted` */
  send(call: Call): Promise<TransactionReceipt>
  /** Sends in this order, as many at once as fit a block, and resolves when all are mined. */
  sendAll(calls: readonly Call[]): Promise<TransactionReceipt[]>
  /** Whether the account has a transaction that waits to be mined, for instance one whose answer got lost. */
  isWaiting(): Promise<boolean>
  /** The next calls to be sent, gathered by a function that may ask for the addresses of its own deployments. */
  batch(): Promise<Batch>
}

/** Transactions of one account that go out together; addresses of contracts are known before they are deployed. */
export interface Batch {
  deploy(artifact: Artifact, args?: readonly unknown[]): Address
  add(call: Call): void
  flush(): Promise<TransactionReceipt[]>
}

/** A call of a contract's function. `gas` is the declared limit: what is declared must fit what is left of a block. */
export function contractCall(
  { abi, name }: Pick<Artifact, 'abi' | 'name'>,
  address: Address,
  functionName: string,
  args: readonly unknown[] = [],
  { value, gas = callGas }: { value?: bigint; gas?: bigint } = {},
): Call {
  const data = encodeFunctionData({ abi, functionName, args })
  return { label: `${name}.${functionName}`, to: address, data, gas, abi, ...(value === undefined ? {} : { value }) }
}

/**
 * Sends one account's transactions, signed here, many at a time. While some are on their way nonces are counted
 * locally, else the chain is asked: so nobody else may use the account at the same moment, but at any other.
 */
export function createSender(client: ChainClient, account: HDAccount): Sender {
  // A client of its own: a transaction answers when it is mined, and must not hold back the reads batched with it.
  const transport = http(client.chain.rpcUrls.default.http[0], { retryCount: 0, timeout: answerWithinMs })
  const broadcaster = createPublicClient({ chain: client.chain, transport })
  let inFlight = 0
  let nextNonce = 0
  let turn: Promise<unknown> = Promise.resolve()

  async function reserve(): Promise<number> {
    if (inFlight === 0) nextNonce = await client.getTransactionCount({ address: account.address, blockTag: 'pending' })
    inFlight += 1
    return nextNonce++
  }

  async function send(call: Call): Promise<TransactionReceipt> {
    const reserved = turn.then(reserve)
    turn = reserved.catch(() => undefined)
    const nonce = await reserved
    try {
      const serializedTransaction = await account.signTransaction({
        type: 'eip1559',
        chainId: client.chain.id,
        nonce,
        maxFeePerGas,
        maxPriorityFeePerGas,
        gas: call.gas,
        data: call.data,
        ...(call.to === undefined ? {} : { to: call.to }),
        ...(call.value === undefined ? {} : { value: call.value }),
      })
      const receipt = await broadcast(serializedTransaction)
      if (receipt.status === 'reverted') throw await revertError(client, account.address, call, receipt)
      return receipt
    } finally {
      inFlight -= 1
    }
  }

  /**
   * The same bytes go out until they are mined: answers get lost, and pools drop transactions. Whichever copy comes
   * through, it is one transaction.
   */
  async function broadcast(serializedTransaction: Hex): Promise<TransactionReceipt> {
    const hash = keccak256(serializedTransaction)
    const deadline = Date.now() + minedWithinMs
    for (;;) {
      try {
        return await broadcaster.sendRawTransactionSync({ serializedTransaction, throwOnReceiptRevert: false })
      } catch (error) {
        const receipt = await client.getTransactionReceipt({ hash }).catch(() => undefined)
        if (receipt) return receipt
        if (isRefusal(error) || Date.now() > deadline) throw error
        await sleep(repeatAfterMs)
      }
    }
  }

  async function sendAll(calls: readonly Call[]): Promise<TransactionReceipt[]> {
    const receipts: TransactionReceipt[] = []
    for (const window of windows(calls)) receipts.push(...(await Promise.all(window.map(send))))
    return receipts
  }

  return {
    address: account.address,
    send,
    sendAll,
    async isWaiting() {
      const { address } = account
      const [mined, sent] = await Promise.all([
        client.getTransactionCount({ address, blockTag: 'latest' }),
        client.getTransactionCount({ address, blockTag: 'pending' }),
      ])
      return sent > mined
    },
    async batch() {
      const calls: Call[] = []
      const first = await client.getTransactionCount({ address: account.address, blockTag: 'pending' })
      return {
        deploy({ name, abi, bytecode }, args = []) {
          const nonce = BigInt(first + calls.length)
          calls.push({ label: `deploy ${name}`, data: encodeDeployData({ abi, bytecode, args }), gas: deployGas, abi })
          return getContractAddress({ from: account.address, nonce })
        },
        add: (call) => void calls.push(call),
        flush: () => sendAll(calls.splice(0)),
      }
    },
  }
}

/**
 * Cuts a list where the declared gas would pass `windowGas`: no more than one block may hold goes out at once.
 */
function windows(calls: readonly Call[]): Call[][] {
  const cut: Call[][] = []
  let left = 0n
  for (const call of calls) {
    if (call.gas > left) {
      cut.push([])
      left = windowGas
    }
    cut.at(-1)?.push(call)
    left -= call.gas
  }
  return cut
}

/** Whether the chain said no, as opposed to: nothing, not yet, or that it has the transaction already. */
function isRefusal(error: unknown): boolean {
  const refusal = error instanceof BaseError ? error.walk((cause) => cause instanceof RpcRequestError) : null
  return (
    refusal instanceof RpcRequestError && !/timeout|already imported|already known|nonce too low/i.test(refusal.details)
  )
}

/** Repeats a reverted transaction as a call, to learn why. */
async function revertError(
  client: ChainClient,
  from: Address,
  call: Call,
  { blockNumber, transactionHash }: TransactionReceipt,
) {
  const { to, value, data, gas } = call
  const target = {
    account: from,
    data,
    gas,
    blockNumber,
    ...(to ? { to } : {}),
    ...(value === undefined ? {} : { value }),
  }
  const cause = await client.call(target).then(
    () => undefined,
    (error: unknown) => error,
  )
  return new DevnetError(`${call.label} on chain ${client.chain.id} reverted: ${revertReason(cause, call.abi)}.`, {
    code: 'transaction-reverted',
    action: `Transaction ${transactionHash}.`,
    cause,
  })
}

/** The most telling words for a failed call: the contract's own error if the ABI knows it. */
export function revertReason(error: unknown, abi: Abi): string {
  if (!(error instanceof BaseError)) return error === undefined ? 'it succeeds when repeated (gas?)' : String(error)
  const raw = error.walk((cause) => cause instanceof Error && 'data' in cause && typeof cause.data === 'string')
  const data = (raw as { data?: Hex } | null)?.data
  if (data && data !== '0x') {
    try {
      const { errorName, args } = decodeErrorResult({ abi, data })
      return `${errorName}(${(args ?? []).join(', ')})`
    } catch {
      return data
    }
  }
  return error.shortMessage
}
