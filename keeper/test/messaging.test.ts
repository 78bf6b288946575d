import { endpointV2Abi, type MessageView, receiveUln302Abi } from '@mati/sdk'
import { decodePacket, encodeHeader, guidOf } from '@mati/sdk/layerzero'
import { concat, encodeAbiParameters, encodeEventTopics, getAbiItem, type Hex, padHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { createDeliverJob } from '../src/jobs/deliver.ts'
import type { Index } from '../src/jobs/job.ts'
import { watchMessaging } from '../src/jobs/messaging.ts'
import { type Emitted, fakeChain, here, type LogFilter } from './support/chain.ts'
import { address } from './support/views.ts'

/** A message of a token to the chain itself: it is its own other end here. */
function messageOf(nonce: bigint, token = here.contracts.token) {
  const pathway = { srcEid: here.eid, dstEid: here.eid, nonce, sender: padHex(token), receiver: padHex(token) }
  const encodedPayload = concat([encodeHeader(pathway), guidOf(pathway), padHex(address(9)), '0x0000000000000005'])
  return { ...pathway, guid: guidOf(pathway), encodedPayload }
}

function sending({ encodedPayload }: { encodedPayload: Hex }): Emitted {
  const { inputs } = getAbiItem({ abi: endpointV2Abi, name: 'PacketSent' })
  const data = encodeAbiParameters(inputs, [encodedPayload, '0x', address(1)])
  return { address: here.external.endpoint, topics: topicsOf('PacketSent'), data }
}

function attestation({ encodedPayload }: { encodedPayload: Hex }): Emitted {
  const { inputs } = getAbiItem({ abi: receiveUln302Abi, name: 'PayloadVerified' })
  const packet = decodePacket(encodedPayload)
  const data = encodeAbiParameters(inputs, [address(2), packet?.header ?? '0x', 1n, padHex('0x01')])
  return { address: here.external.receiveLibrary, topics: topicsOf('PayloadVerified'), data }
}

const topicsOf = (eventName: 'PacketSent' | 'PayloadVerified') =>
  encodeEventTopics({ abi: [...endpointV2Abi, ...receiveUln302Abi], eventName }) as Hex[]

const call = () => '0x' as const

describe('watchMessaging', () => {
  test('tells what our token sent, and what was attested of what is for it', async () => {
    const [ours, others] = [messageOf(1n), messageOf(2n, address(77))]
    const logs = () => [ours, others].flatMap((message) => [sending(message), attestation(message)])
    const news = await watchMessaging(fakeChain({ call, logs }).chain).next(5n)
    expect(news).toEqual({ sent: [ours], attested: [ours.guid] })
  })

  test('believes only the endpoint and the receive library', async () => {
    const forged = [sending(messageOf(1n)), attestation(messageOf(1n))].map((log) => ({ ...log, address: address(66) }))
    const news = await watchMessaging(fakeChain({ call, logs: () => forged }).chain).next(5n)
    expect(news).toEqual({ sent: [], attested: [] })
  })

  test('asks for each block once, and for none that is long past', async () => {
    const asked: LogFilter[] = []
    const { chain } = fakeChain({ call, logs: (filter) => (asked.push(filter), []) })
    const watch = watchMessaging(chain)
    for (const head of [5n, 5n, 8n, 300n]) await watch.next(head)
    expect(asked.map(({ fromBlock, toBlock }) => [Number(fromBlock), Number(toBlock)])).toEqual([
      [5, 5],
      [6, 8],
      [300, 300],
    ])
  })

  test('asks again for what could not be read', async () => {
    let isAway = true
    const logs = (): Emitted[] => {
      if (isAway) throw new Error('away')
      return [sending(messageOf(1n))]
    }
    const watch = watchMessaging(fakeChain({ call, logs }).chain)
    await expect(watch.next(5n)).rejects.toThrow('away')
    isAway = false
    expect((await watch.next(5n)).sent).toEqual([messageOf(1n)])
  })
})

describe('createDeliverJob', () => {
  const clocks = new Map([[here.chainId, 1_000]])
  const eids = new Map([[here.chainId, here.eid]])
  const message = messageOf(1n)
  const head = { number: 1n, timestamp: 1_000 }
  const chain = () => fakeChain({ call, logs: () => [sending(message), attestation(message)] }).chain
  const indexOf = (getMessages: () => Promise<MessageView[]>) => ({ getMessages }) as unknown as Index
  const silent = () => indexOf(() => new Promise(() => undefined))
  const guids = (actions: Awaited<ReturnType<ReturnType<typeof createDeliverJob>['plan']>>) =>
    actions.flatMap(({ messages }) => messages.map(({ step, guid }) => [step, guid]))

  test('plans what was sent and attested without waiting for the index', async () => {
    const job = createDeliverJob({ graceSeconds: 0, pollMs: 50 })
    const planned = job.plan({ index: silent(), clocks, eids })
    expect(await job.onHead?.(chain(), head)).toBe(true)
    expect(guids(await planned)).toEqual([['commit', message.guid]])
  })

  test('gives the executor its time with what was only heard of', async () => {
    const job = createDeliverJob({ graceSeconds: 1, pollMs: 50 })
    await job.onHead?.(chain(), head)
    const index = indexOf(async () => [])
    expect(await job.plan({ index, clocks, eids })).toEqual([])
    const later = new Map([[here.chainId, 1_001]])
    expect(guids(await job.plan({ index, clocks: later, eids }))).toHaveLength(1)
  })

  test('leaves messages to chains that are not ours', async () => {
    const job = createDeliverJob({ graceSeconds: 0, pollMs: 50 })
    await job.onHead?.(chain(), head)
    expect(await job.plan({ index: silent(), clocks, eids: new Map([[here.chainId, 7]]) })).toEqual([])
  })

  test('believes the index alone after a while', async () => {
    let now = 0
    const job = createDeliverJob({ graceSeconds: 0, pollMs: 50, clock: () => now })
    await job.onHead?.(chain(), head)
    now = 29_000
    await job.plan({ index: indexOf(async () => []), clocks, eids })
    expect(guids(await job.plan({ index: indexOf(async () => []), clocks, eids }))).toHaveLength(1)
    now = 30_000
    expect(await job.plan({ index: indexOf(async () => []), clocks, eids })).toEqual([])
  })

  test('leaves an index that is slow to answer alone for longer', async () => {
    let [now, reads] = [0, 0]
    const index = indexOf(async () => {
      reads += 1
      now += 100
      return []
    })
    const job = createDeliverJob({ graceSeconds: 0, pollMs: 50, clock: () => now })
    const readsAt = async (ms: number) => {
      now = ms
      await job.plan({ index, clocks, eids })
      return reads
    }
    expect([await readsAt(0), await readsAt(399), await readsAt(400)]).toEqual([1, 1, 2])
  })

  test('tells that the index does not answer', async () => {
    const job = createDeliverJob({ graceSeconds: 0, pollMs: 50 })
    const index = indexOf(() => Promise.reject(new Error('away')))
    await expect(job.plan({ index, clocks, eids })).rejects.toThrow('away')
  })
})
