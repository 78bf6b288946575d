/** What the SDK signs, sends and asks, against the contracts themselves: collectors, Permit2, ways to settle, rates. */
import { configure } from '@mati/contracts/script/configure'
import { deployContracts } from '@mati/contracts/script/contracts'
import { type Accounts, type Devnet, findFreePort, type LocalChain, startDevnet } from '@mati/devnet'
import {
  approve,
  authorize,
  authorizeNative,
  buildTerms,
  capture,
  captureAndSettle,
  charge,
  chargeNative,
  type Deployment,
  explainRate,
  getLedger,
  getPaymentState,
  getPermit2Nonce,
  getPermitNonce,
  getRate,
  type Group,
  paymentId,
  parseInvoice,
  type Payment,
  previewCrossing,
  previewSettlement,
  registerMerchant,
  sendCall,
  type SendingClient,
  settleCrossed,
  settlementUpkeepAbi,
  settleFromStock,
  settlePart,
  signPermit,
  signPermit2,
  tokenOf,
  toQuoteUp,
  upkeepData,
  USD,
} from '@mati/sdk'
import { createWalletClient, formatUnits, type Hex, http, parseEther } from 'viem'
import { simulateContract } from 'viem/actions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configOf } from '../src/config.ts'
import { mined } from '../src/participants.ts'
import { transfer } from '../src/stack.ts'

let devnet: Devnet
let chain: LocalChain
let deployment: Deployment

beforeAll(async () => {
  const port = await findFreePort()
  devnet = await startDevnet({ chains: [{ name: 'A', chainId: 90_901, eid: 40_901, port }] })
  chain = devnet.chain('A')
  const config = configOf(chain, devnet.accounts, { home: true })
  const deployed = await deployContracts(wallet('deployer'), config)
  await devnet.createPools(chain, deployed.contracts.token)
  deployment = await configure(wallet('deployer'), config, deployed)
})

afterAll(() => devnet?.stop())

function wallet(name: keyof Accounts): SendingClient {
  const transport = http(chain.rpcUrl)
  const account = devnet.accounts[name]
  return createWalletClient({ account, chain: chain.client.chain, transport, pollingInterval: 50 })
}

let invoices = 0

/** Terms that are due in the token itself; anyone may capture them. */
async function termsOf(
  token: string,
  amount: string,
  { payer = 'payer1', merchant = 'merchant1' }: { payer?: keyof Accounts; merchant?: keyof Accounts } = {},
): Promise<Payment> {
  const place = { chain: 'A', token }
  const json = { id: String(++invoices), amount, currency: token, pay: place, receive: place, autoCapture: true }
  const invoice = parseInvoice(JSON.stringify({ ...json, captureWithin: '30d' }), { chains: [deployment] })
  const { timestamp } = await chain.client.getBlock()
  return buildTerms({
    invoice: { ...invoice, authorizeWithinSeconds: 86_400 },
    deployment,
    payer: devnet.accounts[payer].address,
    merchant: devnet.accounts[merchant].address,
    maxAmount: invoice.due,
    nowSeconds: Number(timestamp),
  })
}

const stateOf = (payment: Payment) => getPaymentState(chain.client, { deployment, id: paymentId(payment, deployment) })
const usdc = () => tokenOf(deployment, 'USDC').address
const weth = () => tokenOf(deployment, 'WETH').address

describe('a payer without gas', () => {
  test('signs a permit and the payment, and whoever relays them has it held, or charged', async () => {
    const payer = devnet.accounts.payer1
    await chain.mintUsdc(payer.address, 30_000_000n)
    const nonceOf = () => getPermitNonce(chain.client, { deployment, token: usdc(), owner: payer.address })

    const held = await termsOf('USDC', '10')
    const first = await signPermit(payer, { deployment, payment: held, nonce: await nonceOf() })
    await mined(wallet('relayer'), authorize(wallet('relayer'), { deployment, payment: held, ...first }))
    expect(await stateOf(held)).toMatchObject({ status: 'authorized', held: 10_000_000n })

    const charged = await termsOf('USDC', '20')
    const second = await signPermit(payer, { deployment, payment: charged, nonce: await nonceOf() })
    await mined(wallet('relayer'), charge(wallet('relayer'), { deployment, payment: charged, ...second }))
    expect(await stateOf(charged)).toMatchObject({ status: 'captured', captured: 20_000_000n })
  })

  test('signs a permit of Mati, under the domain that the deployment tells', async () => {
    const payer = devnet.accounts.payer1
    const mati = tokenOf(deployment, 'MATI').address
    await transfer(wallet('deployer'), mati, payer.address, parseEther('5'))
    const payment = await termsOf('MATI', '5')
    const nonce = await getPermitNonce(chain.client, { deployment, token: mati, owner: payer.address })
    const way = await signPermit(payer, { deployment, payment, nonce })
    await mined(wallet('relayer'), authorize(wallet('relayer'), { deployment, payment, ...way }))
    expect(await stateOf(payment)).toMatchObject({ status: 'authorized', held: parseEther('5') })
  })

  test('signs once for Permit2, which shows and binds every term', async () => {
    const payer = devnet.accounts.payer2
    await chain.wrap('payer2', parseEther('3'))
    const spender = deployment.external.permit2
    await mined(
      wallet('payer2'),
      approve(wallet('payer2'), { deployment, token: weth(), amount: parseEther('3'), spender }),
    )
    const nonceOf = () => getPermit2Nonce(chain.client, { deployment, owner: payer.address })
    const payment = await termsOf('WETH', '1', { payer: 'payer2' })
    expect(await nonceOf()).toBe(0n)
    const way = await signPermit2(payer, { deployment, payment, nonce: 0n })

    const relayer = wallet('relayer')
    const others = { ...payment, merchant: relayer.account.address }
    await expect(authorize(relayer, { deployment, payment: others, ...way })).rejects.toMatchObject({
      name: 'RevertError',
    })
    await mined(relayer, authorize(relayer, { deployment, payment, ...way }))
    expect(await stateOf(payment)).toMatchObject({ status: 'authorized', held: parseEther('1') })

    expect(await nonceOf()).toBe(1n)
    const charged = await termsOf('WETH', '2', { payer: 'payer2' })
    const next = await signPermit2(payer, { deployment, payment: charged, nonce: 1n })
    await mined(relayer, charge(relayer, { deployment, payment: charged, ...next }))
    expect(await stateOf(charged)).toMatchObject({ status: 'captured' })
  })

  test('cannot have other terms relayed with its permit', async () => {
    const payer = devnet.accounts.payer1
    const payment = await termsOf('USDC', '1')
    const nonce = await getPermitNonce(chain.client, { deployment, token: usdc(), owner: payer.address })
    const way = await signPermit(payer, { deployment, payment, nonce })
    const others = { ...payment, merchant: devnet.accounts.relayer.address }
    await expect(authorize(wallet('relayer'), { deployment, payment: others, ...way })).rejects.toMatchObject({
      code: 'REVERT_PermitCollector_NotPayer',
    })
  })
})

describe('a payer of native coins', () => {
  test('has them held, or charged, wrapped', async () => {
    const payer = wallet('payer3')
    const held = await termsOf('WETH', '1', { payer: 'payer3' })
    await mined(payer, authorizeNative(payer, { deployment, payment: held }))
    expect(await stateOf(held)).toMatchObject({ status: 'authorized', held: parseEther('1') })

    const charged = await termsOf('WETH', '2', { payer: 'payer3' })
    await mined(payer, chargeNative(payer, { deployment, payment: charged }))
    expect(await stateOf(charged)).toMatchObject({ status: 'captured', captured: parseEther('2') })
  })

  test('is told if it is not the payer, or the payment is in another token', async () => {
    const payment = await termsOf('WETH', '1', { payer: 'payer3' })
    await expect(authorizeNative(wallet('payer2'), { deployment, payment })).rejects.toMatchObject({
      code: 'REVERT_NativeCollector_NotPayer',
    })
    const other = await termsOf('USDC', '1', { payer: 'payer3' })
    await expect(authorizeNative(wallet('payer3'), { deployment, payment: other })).rejects.toMatchObject({
      code: 'REVERT_NativeCollector_WrongToken',
    })
  })
})

describe('who settles', () => {
  const group = (token: string, asset: string): Group => ({
    token: tokenOf(deployment, token).address,
    asset: tokenOf(deployment, asset).address,
    eid: deployment.eid,
    tier: 1,
  })
  const addressOf = (name: keyof Accounts) => devnet.accounts[name].address
  const balanceOf = (token: `0x${string}`, name: keyof Accounts) => chain.balanceOf(token, addressOf(name))

  /** Registers a merchant by its own call: paid out here, at once. */
  async function register(merchant: keyof Accounts, asset: string): Promise<void> {
    const { settler } = deployment.contracts
    const registration = {
      merchant: addressOf(merchant),
      nonce: 1n,
      payout: { asset: tokenOf(deployment, asset).address, eid: deployment.eid, cycle: 0, tier: 1, toleranceBps: 100 },
      operators: [],
      chains: [{ eid: deployment.eid, settler, recipients: [], reserves: [] }],
    }
    await mined(wallet(merchant), registerMerchant(wallet(merchant), { deployment, registration }))
  }

  /** A payment that is held for a merchant. */
  async function hold(merchant: keyof Accounts, token: string, amount: string): Promise<Payment> {
    const payment = await termsOf(token, amount, { payer: 'payer4', merchant })
    const payer = wallet('payer4')
    if (token === 'USDC') await chain.mintUsdc(payer.account.address, payment.maxAmount)
    else await chain.wrap('payer4', payment.maxAmount)
    await mined(payer, approve(payer, { deployment, token: payment.token, amount: payment.maxAmount }))
    await mined(payer, authorize(payer, { deployment, payment }))
    return payment
  }

  /** A payment that was captured for a merchant: its ledger balance. */
  async function earn(merchant: keyof Accounts, token: string, amount: string): Promise<void> {
    const payment = await hold(merchant, token, amount)
    await mined(wallet('keeper'), capture(wallet('keeper'), { deployment, payment }))
  }

  test('may capture in the same transaction', async () => {
    await register('merchant2', 'USDC')
    const [first, second] = [await hold('merchant2', 'USDC', '10'), await hold('merchant2', 'USDC', '30')]
    const keeper = wallet('keeper')
    const tipped = await balanceOf(usdc(), 'keeper')
    const orders = [{ payment: first }, { payment: second }]
    const merchants = [addressOf('merchant2')]
    await mined(keeper, captureAndSettle(keeper, { deployment, orders, group: group('USDC', 'USDC'), merchants }))

    expect(await Promise.all([first, second].map(stateOf))).toMatchObject([
      { status: 'captured' },
      { status: 'captured' },
    ])
    const tip = (await balanceOf(usdc(), 'keeper')) - tipped
    expect(tip > 0n).toBe(true)
    expect(await balanceOf(usdc(), 'merchant2')).toBe(40_000_000n - tip)
  })

  test('may take a part, and leaves the rest', async () => {
    await earn('merchant2', 'USDC', '10')
    const before = await balanceOf(usdc(), 'merchant2')
    const part = {
      deployment,
      group: group('USDC', 'USDC'),
      merchants: [addressOf('merchant2')],
      maxAmountIn: 4_000_000n,
    }
    expect(await previewSettlement(chain.client, part)).toMatchObject({ amountIn: 4_000_000n })
    await mined(wallet('keeper'), settlePart(wallet('keeper'), part))
    const paid = (await balanceOf(usdc(), 'merchant2')) - before
    expect(paid > 3_900_000n && paid < 4_000_000n).toBe(true)
    const ledger = { deployment, account: addressOf('merchant2'), token: usdc() }
    expect(await getLedger(chain.client, ledger)).toMatchObject({ balance: 6_000_000n })
  })

  test('may be Chainlink Automation, whose tips go to the beneficiary', async () => {
    // What the part before left.
    const upkeep = { address: deployment.contracts.settlementUpkeep, abi: settlementUpkeepAbi } as const
    const job = { group: group('USDC', 'USDC'), merchants: [addressOf('merchant2')], minAmountIn: 6_000_000n }
    const check = async (data: Hex) =>
      (await simulateContract(chain.client, { ...upkeep, functionName: 'checkUpkeep', args: [data] })).result
    const [isEnough] = await check(upkeepData({ ...job, minAmountIn: 6_000_001n }))
    expect(isEnough).toBe(false)
    const [isNeeded, performData] = await check(upkeepData(job))
    expect([isNeeded, performData]).toEqual([true, upkeepData(job)])

    const before = await Promise.all([balanceOf(usdc(), 'merchant2'), balanceOf(usdc(), 'keeper')])
    const perform = { ...upkeep, functionName: 'performUpkeep', args: [performData] } as const
    await mined(wallet('relayer'), sendCall(wallet('relayer'), perform))
    const after = await Promise.all([balanceOf(usdc(), 'merchant2'), balanceOf(usdc(), 'keeper')])
    const [paid = 0n, tip = 0n] = after.map((amount, i) => amount - (before[i] ?? 0n))
    expect([paid + tip, tip > 0n]).toEqual([6_000_000n, true])
  })

  test('may fill a settlement from its own tokens, at the bound of the moment', async () => {
    await register('merchant3', 'WETH')
    await earn('merchant3', 'USDC', '1000')
    await chain.wrap('keeper', parseEther('1'))
    const keeper = wallet('keeper')
    const { stockSolver: spender } = deployment.contracts
    const settled = { deployment, group: group('USDC', 'WETH'), merchants: [addressOf('merchant3')] }
    const { minReceived } = await previewSettlement(chain.client, settled)
    await mined(keeper, approve(keeper, { deployment, token: weth(), amount: parseEther('1'), spender }))
    await expect(settleFromStock(keeper, { ...settled, maxPaid: minReceived / 2n })).rejects.toMatchObject({
      code: 'REVERT_StockSolver_TooDear',
    })
    const before = await balanceOf(usdc(), 'keeper')
    await mined(keeper, settleFromStock(keeper, { ...settled, maxPaid: minReceived }))

    expect((await balanceOf(usdc(), 'keeper')) - before).toBe(1_000_000_000n)
    const paid = await balanceOf(weth(), 'merchant3')
    // The bound falls by the second, and a tip of at most 1.1% is taken.
    expect(paid > (minReceived * 98n) / 100n && paid < minReceived).toBe(true)
  })

  test('may give opposite groups what each has for the other, without any pool', async () => {
    await register('merchant4', 'USDC')
    await earn('merchant4', 'WETH', '0.01')
    const rate = await getRate(chain.client, { deployment, base: weth(), quote: usdc() })
    const worth = toQuoteUp(rate, parseEther('0.01'))
    await earn('merchant3', 'USDC', formatUnits(worth, 6))
    const before = await Promise.all([balanceOf(usdc(), 'merchant4'), balanceOf(weth(), 'merchant3')])

    const sides = [
      { group: group('USDC', 'WETH'), merchants: [addressOf('merchant3')] },
      { group: group('WETH', 'USDC'), merchants: [addressOf('merchant4')] },
    ] as const
    const crossing = await previewCrossing(chain.client, { deployment, sides })
    expect(crossing).toMatchObject({ left: 0n, minOut: 0n })
    if (!crossing) throw new Error('nothing to cross')
    await mined(wallet('keeper'), settleCrossed(wallet('keeper'), { deployment, ...crossing }))

    const after = await Promise.all([balanceOf(usdc(), 'merchant4'), balanceOf(weth(), 'merchant3')])
    const [usdcPaid, wethPaid] = after.map((amount, i) => amount - (before[i] ?? 0n))
    // All but the tips.
    expect(usdcPaid).toBeGreaterThan((worth * 98n) / 100n)
    expect(wethPaid).toBeGreaterThan((parseEther('0.01') * 98n) / 100n)
  })
})

describe('who asks for a rate', () => {
  const explain = (base: `0x${string}`) => explainRate(chain.client, { deployment, base, quote: USD.address })

  test('is told how much, how old and from where', async () => {
    for (const symbol of ['WETH', 'USDC']) {
      const { address, source } = tokenOf(deployment, symbol)
      const rate = await getRate(chain.client, { deployment, base: address, quote: USD.address })
      const { blockNumber, capture, settlement, sources } = await explain(address)
      const { timestamp } = await chain.client.getBlock({ blockNumber })
      expect(settlement).toEqual({ status: 'usable' })
      expect(capture).toEqual({ status: 'usable', rate, ageSeconds: Number(timestamp) - rate.updatedAt })
      expect(sources.base[0]).toMatchObject({ asset: address, source, price: { status: 'usable' } })
      expect(sources.quote).toEqual([])
    }
  })

  test('is told why there is none', async () => {
    // The pool that prices it here is too young.
    const mati = await explain(tokenOf(deployment, 'MATI').address)
    const young = { status: 'unusable', error: { code: 'REVERT_UniswapV3TwapSource_HistoryTooShort' } }
    const refused = { status: 'unusable', error: { code: 'REVERT_Oracle_PriceUnavailable', retryable: true } }
    expect(mati).toMatchObject({ capture: refused, settlement: refused })
    expect(mati.capture).toMatchObject({
      error: { revert: { reasons: [{ name: 'UniswapV3TwapSource_HistoryTooShort' }] } },
    })
    expect(mati.sources.base[0]).toMatchObject({ source: tokenOf(deployment, 'MATI').source, price: young })

    const unknown = await explain(deployment.contracts.escrow)
    expect(unknown.capture).toMatchObject({ status: 'unusable', error: { code: 'REVERT_Oracle_NoSource' } })
    expect(unknown.sources).toEqual({ base: [], quote: [] })
  })
})
