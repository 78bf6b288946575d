/** The whole indexer, as it runs, on two chains that emit what the contracts would. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Api,
  createApi,
  type Deployment,
  endpointV2Abi,
  matiEscrowAbi,
  matiGatewayAbi,
  matiTokenAbi,
  merchantRegistryAbi,
  parseDeployment,
  settlerAbi,
} from '@mati/sdk'
import { encodeHeader, guidOf } from '@mati/sdk/layerzero'
import { type Address, concat, encodeErrorResult, type Hex, keccak256, pad, toHex, zeroAddress, zeroHash } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type IndexerEnd, type RunningIndexer, startIndexer, type StartIndexerParameters } from '../src/start.ts'
import { deployment } from './deployment.ts'
import { type Emission, type EmittedChain, freePort, SENDER, startEmittedChain, untilAnswers } from './emitted-chain.ts'
import { address } from './world.ts'

const merchant = address(0x111)
const stranger = address(0x222)
const keeper = address(0x333)
const feeReceiver = address(0x444)
/** Where the merchant's payouts from A arrive on B. */
const payoutAccount = address(0x555)
const weth = address(0xeee)
const usdc = address(0xfff)
const a = parseDeployment(deployment('a', 90901, 40901, 0x1000))
const b = parseDeployment(deployment('b', 90902, 40902, 0x2000))
const [first, second, third, fourth] = [keccak256('0x01'), keccak256('0x02'), keccak256('0x03'), keccak256('0x04')]
const fifth = keccak256('0x05')
const path = {
  nonce: 1n,
  srcEid: a.eid,
  sender: pad(a.contracts.token).toLowerCase() as Hex,
  dstEid: b.eid,
  receiver: pad(b.contracts.token).toLowerCase() as Hex,
}
const guid = guidOf(path)

let chainA: EmittedChain
let chainB: EmittedChain
let parameters: StartIndexerParameters
let indexer: RunningIndexer
let api: Api
const ends: IndexerEnd[] = []
const folder = mkdtempSync(join(tmpdir(), 'mati-indexer-'))

beforeAll(async () => {
  const emitters = ({ contracts, external }: Deployment) => [...Object.values(contracts), external.endpoint]
  chainA = await startEmittedChain(a.chainId, emitters(a))
  chainB = await startEmittedChain(b.chainId, emitters(b))
  for (const one of [a, b]) writeFileSync(join(folder, `${one.chainId}.json`), JSON.stringify(one))
  parameters = {
    deploymentsDir: folder,
    rpc: { [a.chainId]: chainA, [b.chainId]: chainB },
    port: await freePort(),
    dataDir: join(folder, 'data'),
    logFile: join(folder, 'indexer.log'),
    onExit: (end) => ends.push(end),
  }
  indexer = await startIndexer(parameters)
  api = createApi({ url: indexer.url })
  // Ponder hears of a block by the next head that its subscription tells, so each chain needs one after it began.
  await until(async () => {
    await Promise.all([chainA.block(), chainB.block()])
    const isLive = (await api.getIndexed()).every(({ blockNumber }) => blockNumber > 0n)
    if (!isLive) throw new Error('a chain is not followed yet')
  })
}, 90_000)

afterAll(async () => {
  await Promise.all([indexer?.stop(), chainA?.stop(), chainB?.stop()])
  rmSync(folder, { recursive: true, force: true })
}, 30_000)

describe('the indexer', { timeout: 60_000 }, () => {
  test('keeps what arrives on one chain until the other tells of its sending', async () => {
    await chainB.block(
      registered(b),
      opened(),
      fromEndpoint('PacketVerified', { receiver: b.contracts.token, payloadHash: zeroHash }),
    )
    await chainB.block(
      // A stranger names the same guid first, in a deposit of its own: that is no part of the message.
      credited(b, b.contracts.token, { ref: guid, from: stranger, amount: 7n, creditedTotal: 7n }),
      fromEndpoint('PacketDelivered', { receiver: b.contracts.token }),
      credited(b, b.contracts.token, { ref: guid, from: b.contracts.gateway, amount: 990n, creditedTotal: 997n }),
      fromGateway('PayoutsCredited', { guid, srcEid: a.eid, amount: 990n, count: 1n }),
    )
    await until(async () => expect((await api.getLedger({ account: payoutAccount }))[0]?.balance).toBe(997n))
    expect(await api.getMessages()).toEqual([])
  })

  test('tells what happened to holds', async () => {
    await chainA.block(
      registered(a),
      authorized(first, 300n),
      authorized(second, 110n),
      authorized(third, 50n),
      rateUsed(first),
      captured(first, { amount: 300n, fee: 10n, merchantCredited: 290n, feeCredited: 10n }),
      captured(second, { amount: 110n, fee: 0n, merchantCredited: 400n, feeCredited: 0n }),
    )
    await until(async () => expect((await api.getPayment(second))?.status).toBe('captured'))
    expect(await api.getPayments({ status: 'authorized' })).toHaveLength(1)
    expect(await api.getPayments({ isHeld: 'true' })).toMatchObject([{ id: third, held: 50n }])
    expect(await api.getPayment(first)).toMatchObject({ held: 0n, captured: 300n, fee: 10n, capturedDue: 5n })
    expect((await api.getPayment(first))?.rate).toMatchObject({ wad: 7n, baseRoundId: 1n, updatedAt: 1 })
    expect(await api.getPayment(second)).toMatchObject({ rate: null, fallback: false })
    const solvency = [{ chainId: a.chainId, token: weth, holds: 50n, ledger: 410n }]
    expect((await api.getSolvency()).filter(({ chainId }) => chainId === a.chainId)).toEqual(solvency)

    await chainA.block(fromEscrow(a, 'Voided', { id: third, merchant, amount: 50n }))
    await until(async () => expect((await api.getPayment(third))?.status).toBe('voided'))
    expect(await api.getPayments({ merchant: stranger })).toEqual([])
  })

  test('groups what can be settled together', async () => {
    const groups = await api.getGroups()
    const payout = { asset: usdc, eid: b.eid, tier: 1 }
    const balances = groups.map(({ members: [member], ...group }) => ({
      ...group,
      balance: member?.balance,
      reserve: member?.reserve,
    }))
    expect(balances.toSorted((x, y) => x.chainId - y.chainId)).toEqual([
      { chainId: a.chainId, token: weth, ...payout, balance: 400n, reserve: 7n },
      { chainId: b.chainId, token: b.contracts.token, ...payout, balance: 997n, reserve: 0n },
    ])
  })

  test('tells of payout accounts, and which of them wait to be opened', async () => {
    const open = { chainId: b.chainId, account: payoutAccount, merchant, isOpen: true }
    expect(await api.getPayoutAccounts({ merchant })).toEqual([{ ...open, terms: { merchant, payout, chain: onB } }])
    expect(await api.getPayoutAccounts({ isWaiting: 'true' })).toEqual([])

    const unopened = address(0x666)
    await chainA.block(registered(a, { merchant: stranger, payoutAccount: unopened }))
    await until(async () => expect(await api.getPayoutAccounts({ merchant: stranger })).toHaveLength(1))
    expect(await api.getPayoutAccounts({ isWaiting: 'true' })).toEqual([])
    const arrival = { ref: zeroHash, from: b.contracts.gateway, amount: 3n, creditedTotal: 3n }
    await chainB.block(credited(b, b.contracts.token, { ...arrival, account: unopened }))
    await until(async () =>
      expect(await api.getPayoutAccounts({ isWaiting: 'true' })).toMatchObject([
        { chainId: b.chainId, account: unopened, merchant: stranger, isOpen: false },
      ]),
    )
  })

  test('follows payments through the message to their payouts, to the unit', async () => {
    const onA = { token: weth, amountIn: 400n, debitedTotal: 400n, amountOut: 990n }
    await chainA.block(
      ...settled(a, pad('0xa1'), { ...onA, guid }),
      fromEscrow(a, 'Debited', { account: feeReceiver, token: weth, to: stranger, amount: 10n, debitedTotal: 10n }),
      { from: a.external.endpoint, abi: endpointV2Abi, name: 'PacketSent', args: packetSent() },
    )
    await chainB.block(
      ...settled(b, pad('0xb1'), { token: b.contracts.token, amountIn: 724n, debitedTotal: 724n, amountOut: 362n }),
    )
    await until(async () => expect((await api.getPayment(first))?.status).toBe('settled'))
    const { payouts, timeline } = (await api.getPayment(first)) ?? { payouts: [], timeline: [] }
    expect(payouts.map(({ amountIn, amountOut, tip }) => [amountIn, amountOut, tip])).toEqual([
      [290n, 717n, 7n],
      [717n, 359n, 10n],
    ])
    expect(timeline.map((step) => step.name)).toEqual([
      'authorized',
      'captured',
      'converted',
      'sent',
      'verified',
      'delivered',
      'credited',
      'converted',
      'paid',
    ])
    expect(timeline.every((step) => step.gasUsed > 0n)).toBe(true)
    expect((await api.getPayment(second))?.status).toBe('settling')

    const [message] = await api.getMessages({ status: 'credited' })
    expect(message).toMatchObject({ guid, srcChainId: a.chainId, dstChainId: b.chainId, amount: 990n * 10n ** 12n })
  })

  test('tells of attempts that failed, why, and who made the one that did it', async () => {
    const next = { ...path, nonce: 2n }
    const nextGuid = guidOf(next)
    const composed = concat([pad(b.contracts.gateway), toHex(5n, { size: 8 }), pad(a.contracts.gateway), '0x01'])
    const { token, gateway } = b.contracts
    const { executor } = b.external
    const reason = encodeErrorResult({ abi: endpointV2Abi, errorName: 'LZ_InvalidNonce', args: [2n] })
    const attempt = { executor, guid: nextGuid, gas: 9n, value: 0n, message: '0x', extraData: '0x' }
    const received = { ...attempt, receiver: token, origin: next }
    const queued = { ...attempt, from: token, to: gateway, index: 0 }
    await chainA.block({
      from: a.external.endpoint,
      abi: endpointV2Abi,
      name: 'PacketSent',
      args: { ...packetSent(), encodedPayload: concat([encodeHeader(next), nextGuid, composed]) },
    })
    await chainB.block(
      fromEndpoint('PacketVerified', { origin: next, receiver: token, payloadHash: zeroHash }),
      // Anyone may raise an alert: only the deployment's executor is believed.
      fromEndpoint('LzReceiveAlert', { ...received, executor: stranger, reason: '0x01' }),
      fromEndpoint('LzReceiveAlert', { ...received, reason }),
    )
    await until(async () => expect((await api.getMessage(nextGuid))?.failure?.name).toBe('LZ_InvalidNonce'))
    expect(await api.getMessages({ isOpen: 'true' })).toMatchObject([{ guid: nextGuid, status: 'verified' }])

    const waiting = { guid: nextGuid, srcEid: a.eid, to: gateway, amount: 5n }
    await chainB.block(
      fromToken('MessageWaiting', { ...waiting, message: '0x77' }),
      fromEndpoint('PacketDelivered', { origin: next, receiver: token }),
    )
    await until(async () => expect((await api.getMessage(nextGuid))?.status).toBe('waiting'))
    expect(await api.getMessages({ isOpen: 'true' })).toMatchObject([{ waitingMessage: '0x77' }])

    await chainB.block(
      fromToken('MessageReleased', waiting),
      fromEndpoint('LzComposeAlert', { ...queued, reason: '0x' }),
    )
    await until(async () => expect((await api.getMessage(nextGuid))?.failure?.isOutOfGas).toBe(true))
    expect(await api.getMessages({ isOpen: 'true' })).toMatchObject([{ guid: nextGuid, status: 'delivered' }])

    await chainB.block(
      fromEndpoint('ComposeDelivered', { from: token, to: gateway, guid: nextGuid, index: 0 }),
      fromGateway('PayoutsCredited', { guid: nextGuid, srcEid: a.eid, amount: 5n, count: 1n }),
    )
    await until(async () => expect((await api.getMessage(nextGuid))?.status).toBe('credited'))
    expect(await api.getMessages({ isOpen: 'true' })).toEqual([])
    const detail = await api.getMessage(nextGuid)
    expect(detail).toMatchObject({ isOpen: false, tries: { receive: 2, compose: 2 }, retriedBy: SENDER.toLowerCase() })
    expect(detail?.steps.map(({ name, chainId }) => `${name} ${chainId}`)).toEqual([
      `sent ${a.chainId}`,
      `verified ${b.chainId}`,
      `receiveFailed ${b.chainId}`,
      `waiting ${b.chainId}`,
      `delivered ${b.chainId}`,
      `released ${b.chainId}`,
      `composeFailed ${b.chainId}`,
      `composed ${b.chainId}`,
      `credited ${b.chainId}`,
    ])
    expect(await api.getMessage(zeroHash)).toBeNull()
  })

  test('leaves to strangers what is composed for them: it ends at its delivery', async () => {
    const third = { ...path, nonce: 3n }
    const thirdGuid = guidOf(third)
    const composed = concat([pad(stranger), toHex(5n, { size: 8 }), pad(stranger), '0x01'])
    const encodedPayload = concat([encodeHeader(third), thirdGuid, composed])
    const sent = { from: a.external.endpoint, abi: endpointV2Abi, name: 'PacketSent' }
    await chainA.block({ ...sent, args: { ...packetSent(), encodedPayload } })
    await until(async () =>
      expect(await api.getMessages({ isOpen: 'true' })).toMatchObject([{ guid: thirdGuid, isPayout: false }]),
    )
    await chainB.block(fromEndpoint('PacketDelivered', { origin: third, receiver: b.contracts.token }))
    await until(async () => expect((await api.getMessage(thirdGuid))?.status).toBe('delivered'))
    expect(await api.getMessages({ isOpen: 'true' })).toEqual([])
  })

  test('takes back what a reorganized chain takes back', async () => {
    await chainB.block(
      ...settled(b, pad('0xb2'), { token: b.contracts.token, amountIn: 273n, debitedTotal: 997n, amountOut: 100n }),
    )
    await until(async () => expect((await api.getPayment(second))?.status).toBe('settled'))
    await chainB.reorg(1)
    await until(async () => expect((await api.getPayment(second))?.status).toBe('settling'))
    expect((await api.getPayment(first))?.status).toBe('settled')
  })

  test('tells of freezes, disputes, rulings and refunds', async () => {
    await chainA.block(authorized(fourth, 80n), fromEscrow(a, 'CaptureFrozen', { id: fourth, until: 77n }))
    await chainA.block(fromEscrow(a, 'Disputed', { id: fourth, payer: stranger, arbiter: keeper }))
    await until(async () => expect((await api.getPayment(fourth))?.status).toBe('disputed'))
    expect(await api.getPayments({ status: 'disputed' })).toMatchObject([{ id: fourth, held: 80n, frozenUntil: 77 }])

    const refund = { id: fourth, merchant, funder: merchant, amount: 20n, dueAmount: 2n }
    await chainA.block(
      fromEscrow(a, 'Resolved', {
        id: fourth,
        merchant,
        by: keeper,
        dueAmount: 3n,
        amount: 50n,
        fee: 0n,
        returned: 30n,
        merchantCredited: 450n,
        feeCredited: 0n,
      }),
      rateUsed(fourth),
      fromEscrow(a, 'Refunded', refund),
      fromEscrow(a, 'Debited', { account: merchant, token: weth, to: stranger, amount: 20n, debitedTotal: 420n }),
      // Paid for by a stranger: no debit of the merchant's follows.
      fromEscrow(a, 'Refunded', { ...refund, funder: stranger, amount: 5n, dueAmount: 1n }),
      fromEscrow(a, 'Debited', { account: merchant, token: weth, to: stranger, amount: 30n, debitedTotal: 450n }),
    )
    await until(async () => expect((await api.getPayment(fourth))?.status).toBe('withdrawn'))
    expect(await api.getPayment(fourth)).toMatchObject({
      status: 'withdrawn',
      held: 0n,
      captured: 50n,
      capturedDue: 3n,
      returned: 30n,
      refundedDue: 3n,
      spentOnRefunds: [{ chainId: a.chainId, token: weth, amount: 20n, refundOf: fourth }],
    })
    const names = (await api.getPayment(fourth))?.timeline.map((step) => step.name)
    expect(names).toEqual(['authorized', 'frozen', 'disputed', 'resolved', 'withdrawn', 'refunded', 'refunded'])
  })

  test('gives a rate to the capture it was told of for, and tells of the fallback that stood in for the next', async () => {
    const part = { dueAmount: 2n, fee: 0n, feeCredited: 0n, amount: 10n }
    await chainA.block(
      authorized(fifth, 80n),
      rateUsed(fifth),
      fromEscrow(a, 'Captured', { ...part, id: fifth, merchant, surplus: 0n, isFinal: false, merchantCredited: 460n }),
    )
    await until(async () => expect((await api.getPayment(fifth))?.rate).toMatchObject({ wad: 7n }))
    expect((await api.getPayment(fifth))?.fallback).toBe(false)
    expect(await api.getPayments({ isHeld: 'true' })).toMatchObject([{ id: fifth, status: 'captured', held: 70n }])

    await chainA.block(
      fromEscrow(a, 'FallbackUsed', { id: fifth }),
      fromEscrow(a, 'Captured', { ...part, id: fifth, merchant, surplus: 60n, isFinal: true, merchantCredited: 470n }),
    )
    await until(async () => expect((await api.getPayment(fifth))?.captured).toBe(20n))
    expect(await api.getPayment(fifth)).toMatchObject({ rate: null, fallback: true, held: 0n, returned: 60n })
  })

  test('refuses to start on a port in use', async () => {
    const port = Number(new URL(indexer.url).port)
    await expect(startIndexer({ ...parameters, port })).rejects.toThrow(`Port ${port} is in use`)
    await expect(startIndexer({ ...parameters, port, rpc: {} })).rejects.toThrow(`MATI_RPC_${a.chainId}`)
  })

  test('tells when it was killed', async () => {
    process.kill(indexer.pid, 'SIGKILL')
    await until(async () => expect(ends.map(({ signal }) => signal)).toEqual(['SIGKILL']))
  })
})

function until<T>(ask: () => Promise<T>): Promise<T> {
  return untilAnswers(ask, 20_000)
}

function fromEscrow({ contracts }: Deployment, name: string, args: Record<string, unknown>): Emission {
  return { from: contracts.escrow, abi: matiEscrowAbi, name, args }
}

function fromEndpoint(name: string, args: Record<string, unknown>): Emission {
  return { from: b.external.endpoint, abi: endpointV2Abi, name, args: { origin: path, ...args } }
}

function fromGateway(name: string, args: Record<string, unknown>): Emission {
  return { from: b.contracts.gateway, abi: matiGatewayAbi, name, args }
}

function fromToken(name: string, args: Record<string, unknown>): Emission {
  return { from: b.contracts.token, abi: matiTokenAbi, name, args }
}

function authorized(id: Hex, maxAmount: bigint): Emission {
  const payment = {
    payer: stranger,
    merchant,
    token: weth,
    maxAmount,
    currency: address(840),
    due: 5n,
    fallbackAmount: 0n,
    minFeeBps: 0,
    maxFeeBps: 1_000,
    feeReceiver,
    authorizeBy: 2 ** 40 - 1,
    captureAfter: 0,
    captureBy: 2 ** 40 - 1,
    autoCapture: true,
    arbiter: keeper,
    resolveBy: 2 ** 40 - 1,
    defaultMerchantBps: 5_000,
    refundTo: stranger,
    invoice: zeroHash,
  }
  return fromEscrow(a, 'Authorized', { id, payer: stranger, merchant, payment })
}

interface Captured {
  amount: bigint
  fee: bigint
  merchantCredited: bigint
  feeCredited: bigint
}

function captured(id: Hex, amounts: Captured): Emission {
  return fromEscrow(a, 'Captured', { id, merchant, dueAmount: 5n, ...amounts, surplus: 0n, isFinal: true })
}

function rateUsed(id: Hex): Emission {
  const rounds = { tokenRoundId: 1n, currencyRoundId: 0n, updatedAt: 1 }
  return fromEscrow(a, 'RateUsed', { id, wad: 7n, ...rounds })
}

function credited(on: Deployment, token: Address, args: Record<string, unknown>): Emission {
  return fromEscrow(on, 'Credited', { account: payoutAccount, token, ...args })
}

interface Settled {
  token: Address
  amountIn: bigint
  debitedTotal: bigint
  amountOut: bigint
  guid?: Hex
}

/** A settlement of one merchant with a tip of 10. */
function settled(
  on: Deployment,
  id: Hex,
  { token, amountIn, debitedTotal, amountOut, guid = zeroHash }: Settled,
): Emission[] {
  const { settler } = on.contracts
  const account = on === a ? merchant : payoutAccount
  const group = { token, asset: usdc, eid: b.eid, tier: 1 }
  const amounts = {
    amountIn,
    received: amountOut + 10n,
    minReceived: 1n,
    allowanceBps: 5n,
    tip: 10n,
    messageRepaid: 0n,
  }
  const rate = { rateWad: 10n ** 18n, baseRoundId: 1n, quoteRoundId: 2n }
  return [
    fromEscrow(on, 'Debited', { account, token, to: settler, amount: amountIn, debitedTotal }),
    {
      from: settler,
      abi: settlerAbi,
      name: 'PaidOut',
      args: { id, merchant: account, token, amountIn, debitedTotal, amountOut },
    },
    {
      from: settler,
      abi: settlerAbi,
      name: 'Settled',
      args: { id, token, keeper: stranger, group, ...amounts, ...rate, guid },
    },
  ]
}

function packetSent() {
  const message = concat([pad(b.contracts.gateway), toHex(990n, { size: 8 })])
  const encodedPayload = concat([encodeHeader(path), guid, message])
  return { encodedPayload, options: '0x', sendLibrary: a.external.sendLibrary }
}

const payout = { asset: usdc, eid: b.eid, cycle: 0, tier: 1, toleranceBps: 50 }
const onB = {
  eid: b.eid,
  settler: b.contracts.settler,
  recipients: [{ account: keeper, shareBps: 10_000 }],
  reserves: [{ token: usdc, amount: 9n }],
}

function opened(): Emission {
  const args = { account: payoutAccount, merchant, terms: { merchant, payout, chain: onB } }
  return { from: b.contracts.registry, abi: merchantRegistryAbi, name: 'PayoutAccountOpened', args }
}

function registered({ contracts, eid }: Deployment, who = { merchant, payoutAccount }): Emission {
  const registration = {
    merchant: who.merchant,
    nonce: 1n,
    payout,
    operators: [{ account: keeper, actions: 3, until: 0 }],
    chains: [
      { eid: a.eid, settler: a.contracts.settler, recipients: [], reserves: [{ token: weth, amount: 7n }] },
      onB,
    ],
  }
  const args = {
    merchant: who.merchant,
    nonce: 1n,
    effectiveAt: 0n,
    registration,
    payoutAccount: eid === b.eid ? zeroAddress : who.payoutAccount,
  }
  return { from: contracts.registry, abi: merchantRegistryAbi, name: 'Registered', args }
}
