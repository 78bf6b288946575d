import { endpointV2Abi, matiTokenAbi } from '@mati/sdk'
import { decodePacket, type Packet } from '@mati/sdk/layerzero'
import {
  decodeFunctionData,
  encodeErrorResult,
  encodeEventTopics,
  encodeFunctionResult,
  type Hex,
  multicall3Abi,
  padHex,
  parseAbi,
  toFunctionSelector,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { createDeliverJob, type DeliverFailure, type DeliverTask, planDeliveries } from '../src/jobs/deliver.ts'
import { choose, divide } from '../src/jobs/delivery-batch.ts'
import { callsOf } from '../src/jobs/delivery-calls.ts'
import { fakeChain, here } from './support/chain.ts'
import { address, messageView } from './support/views.ts'

const abi = parseAbi(['error LZ_InvalidNonce(uint64 nonce)', 'error LZ_ULN_Verifying()', 'error Broken(uint256 why)'])
const verifying = encodeErrorResult({ abi, errorName: 'LZ_ULN_Verifying' })
const invalidNonce = encodeErrorResult({ abi, errorName: 'LZ_InvalidNonce', args: [2n] })
const broken = encodeErrorResult({ abi, errorName: 'Broken', args: [1n] })
const options = { deployment: here, unitsPerShared: 10n ** 12n }

const toGateway = padHex(here.contracts.gateway).slice(2)

/** A message to our gateway: its OFT recipient is in the encoded packet's message. */
function view(nonce: bigint, changes: Parameters<typeof messageView>[0] = {}) {
  const message = messageView({ nonce, dstChainId: here.chainId, ...changes })
  const encodedPayload = message.encodedPayload.replace(padHex(address(9)).slice(2), toGateway) as Hex
  return { ...message, encodedPayload }
}

function task(nonce: bigint, step: DeliverTask['step'] = 'commit'): DeliverTask {
  const { guid, encodedPayload } = view(nonce)
  return { step, guid, encodedPayload, waitingMessage: step === 'release' ? '0x77' : null }
}

const packetOf = ({ encodedPayload }: { encodedPayload: Hex }) => decodePacket(encodedPayload) as Packet

type Fault = (call: { target: string; callData: Hex }, gas: bigint) => Hex | undefined

/** A node whose multicall fails the calls that a test says; composes are told by their guid in the calldata. */
function chainWith(fault: Fault, happened: (guid: Hex) => boolean = () => true) {
  const calls3 = (data: Hex) => decodeFunctionData({ abi: multicall3Abi, data }).args?.[0] as unknown as Call3[]
  const rate = toFunctionSelector('function decimalConversionRate()')
  let [estimates, simulations] = [0, 0]
  const fake = fakeChain({
    call: (data, gas) => {
      if (data.startsWith(rate)) {
        return encodeFunctionResult({ abi: matiTokenAbi, functionName: 'decimalConversionRate', result: 10n ** 12n })
      }
      simulations += 1
      const result = calls3(data).map((call) => {
        const returnData = fault(call, gas)
        return { success: returnData === undefined, returnData: returnData ?? '0x' }
      })
      return encodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', result })
    },
    estimate: (data) => (++estimates && calls3(data).every(({ allowFailure }) => !allowFailure) ? 200_000n : 1_000n),
    emit: (data) =>
      calls3(data).flatMap(({ callData }) => {
        const args = decodeCompose(callData)
        if (!args || !happened(args)) return []
        const topics = encodeEventTopics({ abi: endpointV2Abi, eventName: 'ComposeDelivered' }) as Hex[]
        const words = [padHex(address(8)), padHex(address(9)), args, padHex('0x00')]
        return [
          { address: here.external.endpoint, topics, data: `0x${words.map((word) => word.slice(2)).join('')}` as Hex },
        ]
      }),
  })
  return {
    ...fake,
    estimated: () => estimates,
    simulated: () => simulations,
    sentCalls: () => fake.sent.map(({ data }) => calls3(data)),
  }
}

type Call3 = { target: string; allowFailure: boolean; callData: Hex }

function decodeCompose(callData: Hex): Hex | undefined {
  try {
    const { functionName, args } = decodeFunctionData({ abi: endpointV2Abi, data: callData })
    return functionName === 'lzCompose' ? (args[2] as Hex) : undefined
  } catch {
    return undefined
  }
}

const job = (onFailed?: (failure: DeliverFailure) => void) =>
  createDeliverJob({ graceSeconds: 0, pollMs: 50, clock: () => 0, ...(onFailed && { onFailed }) })
const action = (...messages: DeliverTask[]) => ({ chainId: here.chainId, pathway: 'p', messages })
const { signal } = new AbortController()

describe('planDeliveries', () => {
  const plan = (messages: Parameters<typeof planDeliveries>[0], allows: (guid: Hex) => boolean = () => true) =>
    planDeliveries(messages, new Map([[here.chainId, 9_000]]), { graceSeconds: 0, allows }).flatMap(
      ({ messages: tasks }) => tasks.map(({ step, guid }) => `${step} ${Number(guid)}`),
    )

  test('tries nothing above a verification that is missing', () => {
    const verified = view(2n, { status: 'verified', verifiedAt: 1_000 })
    const delivered = view(4n, { status: 'delivered', deliveredAt: 1_000 })
    const messages = [view(1n), verified, view(3n), delivered]
    expect(plan(messages)).toEqual(['commit 1', 'receive 2', 'commit 3', 'compose 4'])
    expect(plan(messages, (guid) => BigInt(guid) !== 1n)).toEqual(['compose 4'])
  })

  test('goes past a verified message that is left alone: those above do not need it to be received', () => {
    const verified = [1n, 2n].map((nonce) => view(nonce, { status: 'verified', verifiedAt: 1_000 }))
    expect(plan(verified, (guid) => BigInt(guid) !== 1n)).toEqual(['receive 2'])
  })

  test('goes past what was brought along, and not yet seen by the index', () => {
    const isBrought = (guid: Hex, step: string) => BigInt(guid) === 1n && step === 'commit'
    const stale = { graceSeconds: 0, allows: (guid: Hex) => BigInt(guid) !== 1n, isBrought }
    const now = new Map([[here.chainId, 9_000]])
    const steps = (messages: Parameters<typeof planDeliveries>[0], planOptions: Parameters<typeof planDeliveries>[2]) =>
      planDeliveries(messages, now, planOptions).flatMap(({ messages: tasks }) => tasks.map(({ guid }) => Number(guid)))
    expect(steps([view(1n), view(2n)], stale)).toEqual([2])
    // Not tried again either, once its patience is over; but for its next step.
    const patient = { ...stale, allows: () => true }
    expect(steps([view(1n), view(2n)], patient)).toEqual([2])
    expect(steps([view(1n, { status: 'verified', verifiedAt: 1_000 }), view(2n)], patient)).toEqual([1, 2])
  })

  test('releases what waits, in any order', () => {
    const waiting = view(2n, { status: 'waiting', waitingAt: 1_000, waitingMessage: '0x77' })
    expect(plan([view(1n), waiting], (guid) => BigInt(guid) !== 1n)).toEqual(['release 2'])
  })
})

describe('choose', () => {
  const calls = callsOf(packetOf(task(1n)), task(1n), options)
  const result = (...data: (Hex | null)[]) =>
    data.map((error) => ({ success: error === null, returnData: error ?? '0x' }))
  const steps = (...data: (Hex | null)[]) => choose({ calls }, result(...data)).calls.map(({ step }) => step)

  test('leaves what is composed for anybody but a gateway to them', () => {
    const packet = packetOf(messageView({ dstChainId: here.chainId }))
    expect(callsOf(packet, task(1n), options).map((call) => call.step)).toEqual(['commit', 'receive'])
  })

  test('takes commit, receive and compose together', () => {
    expect(calls.map(({ step }) => step)).toEqual(['commit', 'receive', 'compose'])
    expect(steps(null, null, null)).toEqual(['commit', 'receive', 'compose'])
  })

  test('leaves out what somebody else has done', () => {
    expect(steps(verifying, null, null)).toEqual(['receive', 'compose'])
  })

  test('commits a message that cannot be received for a reason of its own, for those above it', () => {
    expect(steps(null, broken, broken)).toEqual(['commit'])
  })

  test('commits nothing above a gap', () => {
    const choice = choose({ calls }, result(null, invalidNonce, broken))
    expect(choice.calls).toEqual([])
    expect(choice.error?.revert?.name).toBe('LZ_InvalidNonce')
  })

  test('tells the reason of what comes first', () => {
    expect(choose({ calls }, result(verifying, invalidNonce, broken)).error?.revert?.name).toBe('LZ_ULN_Verifying')
  })
})

describe('divide', () => {
  const member = (nonce: bigint) => {
    const packet = packetOf(task(nonce))
    return { packet, calls: callsOf(packet, task(nonce), options) }
  }

  test('fills a transaction and begins another', () => {
    const members = Array.from({ length: 7 }, (_, i) => member(BigInt(i + 1)))
    expect(divide(members, 1_300_000n).map((part) => part.length)).toEqual([3, 3, 1])
  })
})

describe('run', () => {
  test('delivers many messages in one transaction, with gas for all of them', async () => {
    const { chain, sent, sentCalls, hashOf } = chainWith(() => undefined)
    const outcome = await job().run({ chain, signal }, action(task(1n), task(2n)))
    expect(outcome).toEqual({ status: 'done', hashes: [hashOf(1), hashOf(1)] })
    expect(sent.map(({ gas }) => gas)).toEqual([250_000n])
    expect(sentCalls().map((calls) => calls.map(({ allowFailure }) => allowFailure))).toEqual([Array(6).fill(true)])
  })

  test('leaves out a bad message, tells its reason, and tries it again only after a while', async () => {
    const failures: DeliverFailure[] = []
    const bad = packetOf(task(2n, 'compose')).guid
    const { chain, sentCalls } = chainWith(({ callData }) => (decodeCompose(callData) === bad ? broken : undefined))
    const deliver = job((failure) => failures.push(failure))
    const tasks = [1n, 2n, 3n].map((nonce) => task(nonce, 'compose'))
    expect((await deliver.run({ chain, signal }, action(...tasks))).status).toBe('done')
    expect(sentCalls().map((calls) => calls.length)).toEqual([2])
    expect(failures).toMatchObject([{ guid: bad, step: 'compose', error: { data: broken } }])

    const again = await deliver.run({ chain, signal }, action(...tasks))
    expect([again.status, sentCalls().length, failures.length]).toEqual(['nothing', 1, 1])
  })

  test('finds that somebody was faster between simulation and block', async () => {
    const { chain } = chainWith(
      () => undefined,
      (guid) => BigInt(guid) !== 2n,
    )
    const deliver = job()
    expect((await deliver.run({ chain, signal }, action(task(2n, 'compose')))).status).toBe('nothing')
  })

  test('estimates once, and then gives what messages like them took, if a simulation with that succeeds', async () => {
    const { chain, sent, estimated } = chainWith(() => undefined)
    const deliver = job()
    for (const nonce of [1n, 2n, 3n]) await deliver.run({ chain, signal }, action(task(nonce, 'compose')))
    expect(estimated()).toBe(1)
    expect(sent.map(({ gas }) => gas)).toEqual([250_000n, 262_500n, 262_500n])
  })

  test('estimates where that is too little', async () => {
    const fault: Fault = (_, gas) => (gas === 210_000n ? '0x' : undefined)
    const { chain, sent, estimated } = chainWith(fault)
    const deliver = job()
    for (const nonce of [1n, 2n]) await deliver.run({ chain, signal }, action(task(nonce, 'compose')))
    expect(estimated()).toBe(2)
    expect(sent.map(({ gas }) => gas)).toEqual([250_000n, 250_000n])
  })

  test('estimates again after what was simulated did not happen', async () => {
    const { chain, estimated } = chainWith(
      () => undefined,
      (guid) => BigInt(guid) !== 2n,
    )
    const deliver = job()
    for (const nonce of [1n, 2n, 3n]) await deliver.run({ chain, signal }, action(task(nonce, 'compose')))
    expect(estimated()).toBe(2)
  })

  test('sends several transactions in a row, simulated as one', async () => {
    const { chain, sentCalls, simulated } = chainWith(() => undefined)
    const deliver = job()
    await deliver.run({ chain, signal }, action(task(1n, 'compose')))
    const before = simulated()
    const many = Array.from({ length: 100 }, (_, i) => task(BigInt(i + 2), 'compose'))
    const outcome = await deliver.run({ chain, signal }, action(...many))
    expect([simulated() - before, sentCalls().map(({ length }) => length)]).toEqual([1, [1, 60, 40]])
    expect(outcome.status).toBe('done')
  })

  test('waits for what is not verified, and sends nothing', async () => {
    const { chain, sent } = chainWith(() => verifying)
    expect((await job().run({ chain, signal }, action(task(1n)))).status).toBe('later')
    expect(sent).toEqual([])
  })
})
