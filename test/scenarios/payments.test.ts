import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  captureWhole,
  chainNamed,
  findFreePort,
  follow,
  hold,
  mined,
  play,
  prepare,
  registerMerchants,
  registerEverywhere,
  type Scene,
  scenesOf,
  type Stack,
  startStack,
  tokenAt,
} from '@mati/demo'
import {
  approve,
  authorize,
  buildTerms,
  capture,
  devUsdcAbi,
  dispute,
  explainRate,
  matiEscrowAbi,
  parseInvoice,
  paymentId,
  type PaymentView,
  USD,
  waitForPayment,
  withdraw,
} from '@mati/sdk'
import type { Hex } from 'viem'
import { waitForTransactionReceipt, writeContract } from 'viem/actions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bridgeMati } from '../../demo/src/bridge.ts'

type Route = Pick<Scene['invoice'], 'pay' | 'receive'>

const usdcOnB = { chain: 'B', token: 'USDC' }
const silently = () => {}
const runDirectory = mkdtempSync(path.join(tmpdir(), 'mati-scenarios-'))
let stack: Stack

beforeAll(async () => {
  const [a, b, c, indexer, keeper] = await Promise.all(Array.from({ length: 5 }, () => findFreePort()))
  if (!a || !b || !c || !indexer || !keeper) throw new Error('no free ports')
  stack = await startStack({
    ports: { a, b, c, indexer, keeper },
    runDirectory,
    keeperEnv: { KEEPER_DELIVER_GRACE_SECONDS: '3', KEEPER_LATE_SECONDS: '6', KEEPER_ALARM_SECONDS: '1' },
  })
})

afterAll(async () => {
  await stack?.stop()
  rmSync(runDirectory, { recursive: true, force: true })
})

/** The invoice of some route, over `amount` of `currency`. */
function invoiceOf(route: Route, amount: string, currency: string) {
  const chains = stack.chains.map(({ name, deployment: { tokens } }) => ({ name, tokens }))
  const json = { id: `${route.pay.chain}-${amount}`, captureWithin: '10m', amount, currency, ...route }
  return parseInvoice(JSON.stringify(json), { chains })
}

/** One payment by allowance that its merchant captures. */
function sceneOf(route: Route, amount: string, currency: string, merchant: Scene['merchant']): Scene {
  const invoice = invoiceOf(route, amount, currency)
  return { name: merchant, invoice, payer: 'payer1', merchant, way: 'allowance', captured: true }
}

describe('payments', () => {
  test('from WETH on A to USDC on B: settled, netted, reclaimed and gasless, to the unit, and to C from the same cycle', async () => {
    const route = { pay: { chain: 'A', token: 'WETH' }, receive: usdcOnB }
    await registerMerchants(stack, route)

    const { followed, problems } = await play(stack, scenesOf(invoiceOf(route, '49.99', 'USD')), silently)

    expect(problems).toEqual([])
    const status = Object.fromEntries(followed.map(({ scene, view }) => [scene.name, view.status]))
    expect(status).toEqual({
      invoice: 'settled',
      uncaptured: 'reclaimed',
      gasless: 'settled',
      netted: 'settled',
      elsewhere: 'settled',
      deposit: 'settled',
    })
    const [invoice, uncaptured, gasless, netted, elsewhere, deposit] = followed.map(({ view }) => view)
    // One settlement and one message carried both.
    expect(invoice?.payouts[0]?.guid).toMatch(/^0x[0-9a-f]{64}$/)
    expect(netted?.payouts[0]?.guid).toBe(invoice?.payouts[0]?.guid)
    // Captured in the same cycle, and sent to the third chain in a message of its own.
    const captures = [invoice, netted, elsewhere].map((view) => view?.timeline[1]?.timestamp ?? 0)
    expect(new Set(captures.map((seconds) => Math.floor(seconds / 8))).size).toBe(1)
    expect(elsewhere?.payouts[0]?.guid).toMatch(/^0x[0-9a-f]{64}$/)
    expect(elsewhere?.payouts[0]?.guid).not.toBe(invoice?.payouts[0]?.guid)
    expect(elsewhere?.payouts.map(({ chainId }) => chainId)).toEqual([90_901, 90_903])
    expect(elsewhere?.timeline.at(-1)).toMatchObject({ name: 'paid', chainId: 90_903 })
    expect(invoice?.timeline.map(({ name, chainId }) => `${name} ${chainId}`)).toEqual([
      'authorized 90901',
      'captured 90901',
      'converted 90901',
      'sent 90901',
      'verified 90902',
      'delivered 90902',
      'credited 90902',
      'converted 90902',
      'paid 90902',
    ])
    expect(uncaptured).toMatchObject({ captured: 0n, held: 0n, returned: uncaptured?.maxAmount, payouts: [] })
    expect(gasless).toMatchObject({ captured: 25_000_000n, refunded: 12_500_000n, refundedDue: 12_500_000n })
    expect(deposit?.timeline.map(({ name }) => name)).toEqual(['authorized', 'captured', 'paid'])
    expect(new Set(gasless?.timeline.map(({ chainId }) => chainId))).toEqual(new Set([90_901]))
  })

  test('the other way, from USDC on B to WETH on A, delivered by the keeper while the executor rests', async () => {
    const scene = sceneOf({ pay: usdcOnB, receive: { chain: 'A', token: 'WETH' } }, '40', 'USDC', 'guardian')
    await registerEverywhere(stack, 'guardian', { receive: scene.invoice.receive, cycle: 0 })
    stack.workers.pause('executor')

    const { followed, problems } = await play(stack, [scene], silently).finally(() => stack.workers.resume('executor'))

    expect(problems).toEqual([])
    expect(followed[0]?.view.status).toBe('settled')
    expect(followed[0]?.view.rate).toBeNull()
  })

  test('to a merchant not registered where it is paid, whose payout account the keeper opens', async () => {
    const scene = sceneOf({ pay: { chain: 'A', token: 'WETH' }, receive: usdcOnB }, '35', 'USD', 'lp')
    await registerEverywhere(stack, 'lp', { receive: scene.invoice.receive, cycle: 0, on: ['A'] })

    const { followed, problems } = await play(stack, [scene], silently)

    expect(problems).toEqual([])
    const [sent, paid] = followed[0]?.view.payouts ?? []
    expect(sent?.guid).toMatch(/^0x[0-9a-f]{64}$/)
    expect(paid).toMatchObject({ chainId: 90_902, amountIn: sent?.amountOut, guid: null })
    const [account, ...others] = await stack.api.getPayoutAccounts({ merchant: stack.accounts.lp.address })
    expect([account?.chainId, account?.isOpen, others]).toEqual([90_902, true, []])
  })

  test('MATI for MATI on the other chain: no conversion, no oracle on either side', async () => {
    const scene = sceneOf(
      { pay: { chain: 'A', token: 'MATI' }, receive: { chain: 'B', token: 'MATI' } },
      '100',
      'MATI',
      'admin',
    )
    await registerEverywhere(stack, 'admin', { receive: scene.invoice.receive, cycle: 0 })

    const { followed, problems } = await play(stack, [scene], silently)

    expect(problems).toEqual([])
    const [sent, paid] = followed[0]?.view.payouts ?? []
    expect(sent).toMatchObject({ chainId: 90_901, amountIn: 99_500_000_000_000_000_000n })
    expect(paid?.amountIn).toBe(sent?.amountOut)
    // Only the tip (0.1%) is taken where nothing is converted or sent.
    expect(paid?.amountOut).toBe((sent?.amountOut ?? 0n) - (paid?.tip ?? 0n))
  })

  test('a message that one DVN does not attest raises an alarm until it does', async () => {
    const [a, b] = [chainNamed(stack, 'A'), chainNamed(stack, 'B')]
    const to = stack.accounts.payer4.address
    const balance = () => b.balanceOf(b.deployment.contracts.token, to)
    const before = await balance()
    stack.workers.pause('dvn2')
    try {
      const sending = { token: a.deployment.contracts.token, eid: b.deployment.eid, to, amount: 10n ** 18n }
      const guid = await bridgeMati(a.wallet('deployer'), sending)
      const alarmed = async () => (await alarms()).find(({ what }) => what.includes(guid))

      await expect.poll(alarmed, { timeout: 30_000 }).toMatchObject({ kind: 'late' })
      expect((await alarmed())?.what).toContain('not verified')
      expect(await balance()).toBe(before)

      stack.workers.resume('dvn2')
      await expect.poll(alarmed, { timeout: 30_000 }).toBeUndefined()
      expect(await balance()).toBe(before + 10n ** 18n)
    } finally {
      stack.workers.resume('dvn2')
    }
  })

  test('what is left of a hold captured in part is returned by the keeper', async () => {
    const route = { pay: { chain: 'A', token: 'USDC' }, receive: { chain: 'A', token: 'USDC' } }
    const whole = sceneOf(route, '20', 'USDC', 'payer5')
    const scene = { ...whole, invoice: { ...whole.invoice, authorizeWithinSeconds: 15, captureWithinSeconds: 15 } }
    await registerEverywhere(stack, 'payer5', { receive: route.receive, cycle: 0 })
    const { deployment, wallet, client } = chainNamed(stack, 'A')
    const { id, payment } = await hold(stack, await prepare(stack, scene))

    const merchant = wallet('payer5')
    const hash = await capture(merchant, { deployment, payment, dueAmount: 5_000_000n, isFinal: false })
    await waitForTransactionReceipt(client, { hash })

    const view = await waitForPayment(stack.api, { id, until: ({ status }) => status === 'settled', timeoutMs: 90_000 })
    expect(view).toMatchObject({ held: 0n, captured: 5_000_000n, returned: 15_000_000n })
    expect(view.timeline.map(({ name }) => name)).toContain('reclaimed')
  })

  test('a disputed hold on which nobody rules is split by the keeper as the terms say', async () => {
    const route = { pay: { chain: 'A', token: 'USDC' }, receive: { chain: 'A', token: 'USDC' } }
    const scene = sceneOf(route, '20', 'USDC', 'merchant4')
    const { deployment, wallet, client } = chainNamed(stack, 'A')
    const payer = wallet(scene.payer)
    const mine = async (hash: Promise<`0x${string}`>) => waitForTransactionReceipt(client, { hash: await hash })
    const { quote } = await prepare(stack, scene)
    const now = Number((await client.getBlock()).timestamp)
    const payment = buildTerms({
      invoice: { ...scene.invoice, authorizeWithinSeconds: 15, captureWithinSeconds: 20 },
      deployment,
      payer: payer.account.address,
      merchant: stack.accounts.merchant4.address,
      maxAmount: quote.maxAmount,
      nowSeconds: now,
      captureAfter: now + 20,
      arbiter: { account: stack.accounts.admin.address, resolveBy: now + 22, defaultMerchantBps: 2_500 },
    })
    const id = paymentId(payment, deployment)
    await mine(approve(payer, { deployment, token: payment.token, amount: payment.maxAmount }))
    await mine(authorize(payer, { deployment, payment }))
    await mine(dispute(payer, { deployment, payment }))

    const view = await waitForPayment(stack.api, { id, until: ({ status }) => status === 'settled', timeoutMs: 90_000 })
    expect(view).toMatchObject({ held: 0n, captured: 5_000_000n, returned: 15_000_000n, capturedDue: 5_000_000n })
    expect(view.timeline.map(({ name }) => name)).toEqual(['authorized', 'disputed', 'resolved', 'paid'])
  })

  test('captures that are due at the same moment go out as one', async () => {
    const route = { pay: { chain: 'A', token: 'USDC' }, receive: { chain: 'A', token: 'USDC' } }
    const { deployment, wallet, client } = chainNamed(stack, 'A')
    const [payer, amounts] = ['payer1', ['5', '6', '7']] as const
    const now = Number((await client.getBlock()).timestamp)
    const ids: Hex[] = []
    for (const amount of amounts) {
      const scene = { ...sceneOf(route, amount, 'USDC', 'merchant4'), payer }
      const { quote } = await prepare(stack, scene)
      const payment = buildTerms({
        invoice: { ...scene.invoice, autoCapture: true },
        deployment,
        payer: stack.accounts[payer].address,
        merchant: stack.accounts.merchant4.address,
        maxAmount: quote.maxAmount,
        nowSeconds: now,
        captureAfter: now + 30,
      })
      await mined(
        wallet(payer),
        approve(wallet(payer), { deployment, token: payment.token, amount: payment.maxAmount }),
      )
      await mined(wallet(payer), authorize(wallet(payer), { deployment, payment }))
      ids.push(paymentId(payment, deployment))
    }

    const views = await Promise.all(ids.map((id) => waitForPayment(stack.api, { id, timeoutMs: 120_000 })))
    expect(views.map(({ status, captured }) => [status, captured])).toEqual([
      ['settled', 5_000_000n],
      ['settled', 6_000_000n],
      ['settled', 7_000_000n],
    ])
    const transactions = views.map(({ timeline }) => timeline.find(({ name }) => name === 'captured')?.hash)
    expect(new Set(transactions).size).toBe(1)
  })

  test('opposite balances are settled against each other, both by one transaction', async () => {
    const [weth, usdc] = [
      { chain: 'A', token: 'WETH' },
      { chain: 'A', token: 'USDC' },
    ]
    const cycle = 20
    await registerEverywhere(stack, 'payer3', { receive: usdc, cycle })
    await registerEverywhere(stack, 'payer4', { receive: weth, cycle })
    const scenes = [
      { ...sceneOf({ pay: weth, receive: usdc }, '40', 'USD', 'payer3'), payer: 'payer1' as const },
      { ...sceneOf({ pay: usdc, receive: weth }, '60', 'USDC', 'payer4'), payer: 'payer2' as const },
    ].map((scene) => ({ ...scene, invoice: { ...scene.invoice, autoCapture: true } }))
    const prepared: Awaited<ReturnType<typeof prepare>>[] = []
    for (const scene of scenes) prepared.push(await prepare(stack, scene))
    // Both are to be captured within one cycle, so that they are due at once.
    const { client, deployment } = chainNamed(stack, 'A')
    const assets = { base: tokenAt(stack, weth), quote: tokenAt(stack, usdc) }
    const { capture, settlement, sources } = await explainRate(client, { deployment, ...assets })
    expect([capture.status, settlement.status]).toEqual(['usable', 'usable'])
    expect([...sources.base, ...sources.quote]).toMatchObject(
      Object.values(assets).map((asset) => ({ asset, quote: USD.address, price: { status: 'usable' } })),
    )
    while (Number((await client.getBlock()).timestamp) % cycle > 5) {
      await new Promise((resolve) => client.watchBlockNumber({ onBlockNumber: resolve, emitOnBegin: false }))
    }
    const held = await Promise.all(prepared.map((payment) => hold(stack, payment)))

    const views = await Promise.all(held.map((payment) => follow(stack, payment, silently)))
    expect(views.map(({ status }) => status)).toEqual(['settled', 'settled'])
    const [toUsdc, toWeth] = views.map(({ payouts, timeline }) => ({
      share: payouts[0],
      hash: timeline.find(({ name }) => name === 'paid')?.hash,
    }))
    expect(toUsdc?.hash).toBe(toWeth?.hash)
    // What was covered got its value in full: nothing was lost to a pool.
    const { amountIn = 0n, amountOut = 0n, tip = 0n, rate } = toUsdc?.share ?? {}
    const worth = (amountIn * (rate?.wad ?? 0n)) / 10n ** 30n
    expect([worth, worth + 1n]).toContain(amountOut + tip)
  })

  test('a balance that no pool takes at once is settled in parts', async () => {
    const route = { pay: { chain: 'A', token: 'WETH' }, receive: { chain: 'A', token: 'USDC' } }
    await registerEverywhere(stack, 'payer1', { receive: route.receive, cycle: 0 })
    const scene: Scene = { ...sceneOf(route, '200000', 'USD', 'payer1'), payer: 'payer4' }
    const invoice = { ...scene.invoice, autoCapture: true }
    const { id } = await hold(stack, await prepare(stack, { ...scene, invoice }))

    const isPaidTwice = ({ payouts }: PaymentView) => payouts.length > 1
    const view = await waitForPayment(stack.api, { id, until: isPaidTwice, timeoutMs: 180_000 })
    const credited = view.captured - view.fee
    const [first = 0n, second = 0n] = view.payouts.map(({ amountIn }) => amountIn)
    expect(first > 0n && first <= credited / 2n).toBe(true)
    expect(second > 0n && first + second <= credited).toBe(true)
    for (const { amountIn, amountOut, tip, rate } of view.payouts) {
      const worth = (amountIn * rate.wad) / 10n ** 30n
      expect(amountOut + tip >= (worth * 9_850n) / 10_000n).toBe(true)
    }
  })

  test("a merchant blocked by the asset's issuer keeps its ledger balance, and withdraws it elsewhere", async () => {
    const scene = sceneOf(
      { pay: { chain: 'A', token: 'USDC' }, receive: { chain: 'A', token: 'USDC' } },
      '30',
      'USDC',
      'payer2',
    )
    await registerEverywhere(stack, 'payer2', { receive: scene.invoice.receive, cycle: 0 })
    const { accounts } = stack
    const a = chainNamed(stack, 'A')
    const usdc = tokenAt(stack, scene.invoice.receive)
    const merchant = accounts.payer2.address
    await block(usdc, merchant)
    await captureWhole(stack, await hold(stack, await prepare(stack, scene)))

    // Settled, it would be credited again: keepers leave it alone, however long it is due.
    const owed = 29_850_000n
    const escrow = { address: a.deployment.contracts.escrow, abi: matiEscrowAbi } as const
    const ledger = () => a.client.readContract({ ...escrow, functionName: 'ledger', args: [merchant, usdc] })
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    expect(await ledger()).toMatchObject({ credited: owed, debited: 0n })

    const elsewhere = accounts.payer3.address
    const before = await a.balanceOf(usdc, elsewhere)
    const hash = await withdraw(a.wallet('payer2'), {
      deployment: a.deployment,
      token: usdc,
      amount: owed,
      to: elsewhere,
    })
    await waitForTransactionReceipt(a.client, { hash })
    expect((await a.balanceOf(usdc, elsewhere)) - before).toBe(owed)
  })
})

/** What the keeper says is wrong with the system. */
async function alarms(): Promise<{ kind: string; what: string }[]> {
  const answer = await fetch(`${stack.urls.keeper}/health`)
  return ((await answer.json()) as { alarms: { kind: string; what: string }[] }).alarms
}

/** As Circle would: no transfer to or from the account any more. */
async function block(usdc: `0x${string}`, account: `0x${string}`): Promise<void> {
  const { wallet, client } = chainNamed(stack, 'A')
  const issuer = wallet('network')
  const { chain, account: from } = issuer
  const call = { address: usdc, abi: devUsdcAbi, functionName: 'setBlacklisted', args: [account, true] } as const
  const hash = await writeContract(issuer, { ...call, chain, account: from })
  await waitForTransactionReceipt(client, { hash })
}
