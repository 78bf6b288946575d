import type { Registration } from '@mati/sdk'
import { contractCall, forgeArtifact } from '@mati/devnet'
import { type Address, zeroAddress, zeroHash } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testClient } from '../../demo/src/doctor/fault.ts'
import { composeBy, eventOf, execute, type Message, messageOf, verify } from './message.ts'
import { balanceOf, drill } from './state.ts'
import { act, type Chain, contractsOf, look, MATI, passTime, startWorld, type World } from './world.ts'

let world: World
let a: Chain
let b: Chain
let merchant: Address
let second: Address
let third: Address
beforeAll(async () => {
  world = await startWorld()
  ;[a, b] = world.chains
  const { merchant1, merchant2, merchant3 } = world.devnet.accounts
  ;[merchant, second, third] = [merchant1.address, merchant2.address, merchant3.address]
})
afterAll(() => world?.devnet.stop())

/** Paid in an asset on B, 60% to one recipient and the rest to another. */
function registrationOf(asset: Address, nonce = 1n, recipients = shares()): Registration {
  const chainOf = (chain: Chain) => ({ eid: chain.eid, settler: contractsOf(chain).settler.address, reserves: [] })
  return {
    merchant,
    nonce,
    payout: { asset, eid: b.eid, cycle: 0, tier: 1, toleranceBps: 0 },
    operators: [],
    chains: [
      { ...chainOf(a), recipients: [] },
      { ...chainOf(b), recipients },
    ],
  }
}

function shares() {
  return [
    { account: second, shareBps: 6_000 },
    { account: third, shareBps: 4_000 },
  ]
}

const register = (chain: Chain, registration: Registration) =>
  act(chain, 'merchant1', 'registry', 'register', [registration, '0x'])
const matiOn = (chain: Chain) => contractsOf(chain).token.address
const termsOf = ({ payout, chains }: Registration) => ({ merchant, payout, chain: chains[1] })
const ledgerOf = (account: Address, token = matiOn(b)) => look(b, 'escrow', 'balanceOf', [account, token])

/** Settles 100 Mati of the merchant's on A: on their way to its payout account on B. */
async function settleAcross(): Promise<{ message: Message; account: Address }> {
  const amount = 100n * MATI
  await act(a, 'deployer', 'token', 'approve', [contractsOf(a).escrow.address, amount])
  await act(a, 'deployer', 'escrow', 'deposit', [matiOn(a), [{ account: merchant, amount }], zeroHash])
  const account = await look<Address>(a, 'registry', 'payoutAccount', [merchant])
  const value = await look(a, 'settler', 'quoteMessage', [b.eid, 1n])
  const group = { token: matiOn(a), asset: matiOn(b), eid: b.eid, tier: 1 }
  const receipt = await act(a, 'keeper', 'settler', 'settle', [group, [merchant], zeroAddress, '0x'], { value })
  expect(eventOf(receipt, a, 'settler', 'PaidOut')).toMatchObject({ merchant, amountIn: amount, amountOut: amount })
  return { message: messageOf(receipt, a), account }
}

async function deliver(message: Message, account: Address): Promise<void> {
  await verify(message, world, b)
  await execute(message, b)
  await composeBy('keeper', message, b)
  expect(await ledgerOf(account)).toBe(100n * MATI)
}

function settleHere(asset: Address, member: Address) {
  const group = { token: asset, asset, eid: b.eid, tier: 1 }
  return act(b, 'keeper', 'settler', 'settle', [group, [member], zeroAddress, '0x'])
}

/** 100 USDC of the merchant's on B. */
async function depositUsdc(): Promise<void> {
  const { usdc } = b.tokens
  const amount = 100_000_000n
  const { escrow } = contractsOf(b)
  await b.mintUsdc(world.devnet.accounts.keeper.address, amount)
  await b.sender('keeper').send(contractCall(forgeArtifact('DevUsdc'), usdc, 'approve', [escrow.address, amount]))
  await act(b, 'keeper', 'escrow', 'deposit', [usdc, [{ account: merchant, amount }], zeroHash])
}

const paid = async () => [await balanceOf(b, second), await balanceOf(b, third)]

test('the merchant is not registered where it is paid: anyone opens its payout account', () =>
  drill(world, 'not registered there', async () => {
    const registration = registrationOf(matiOn(b))
    await register(a, registration)
    const { message, account } = await settleAcross()
    await deliver(message, account)
    await expect(settleHere(matiOn(b), account)).rejects.toThrow('Settler_NothingToSettle')
    expect(await paid()).toEqual([0n, 0n])

    await act(b, 'keeper', 'registry', 'openPayoutAccount', [termsOf(registration)])
    await settleHere(matiOn(b), account)
    expect(await paid()).toEqual([60n * MATI, 40n * MATI])
    expect(await ledgerOf(account)).toBe(0n)
  }))

test('a recipient distributes what no settlement comes for', () =>
  drill(world, 'distribute', async () => {
    const registration = registrationOf(matiOn(b))
    await register(a, registration)
    const { message, account } = await settleAcross()
    await deliver(message, account)
    const args = [termsOf(registration), contractsOf(b).escrow.address, matiOn(b)]
    const stranger = act(b, 'keeper', 'accounts', 'distribute', args)
    await expect(stranger).rejects.toThrow('PayoutAccounts_NotParty')

    await act(b, 'merchant2', 'accounts', 'distribute', args)
    expect([await ledgerOf(second), await ledgerOf(third), await ledgerOf(account)]).toEqual([
      60n * MATI,
      40n * MATI,
      0n,
    ])
    await act(b, 'merchant2', 'escrow', 'withdraw', [matiOn(b), 60n * MATI, second])
    expect(await balanceOf(b, second)).toBe(60n * MATI)
  }))

test('a payout changed while its message is in flight is paid as it said when it was sent', () =>
  drill(world, 'payout changed', async () => {
    const registration = registrationOf(matiOn(b))
    await register(a, registration)
    await register(b, registration)
    const { message, account } = await settleAcross()
    const changed = registrationOf(matiOn(b), 2n, [{ account: merchant, shareBps: 10_000 }])
    await register(a, changed)
    await register(b, changed)
    await passTime(a, 86_400)
    await passTime(b, 86_400)
    expect(await look<Address>(a, 'registry', 'payoutAccount', [merchant])).not.toBe(account)

    await deliver(message, account)
    await settleHere(matiOn(b), account)
    expect(await paid()).toEqual([60n * MATI, 40n * MATI])
    expect(await balanceOf(b, merchant)).toBe(0n)
  }))

test('a recipient whom the payout asset blocks gets a ledger balance where it is paid', () =>
  drill(world, 'recipient blocked', async () => {
    const { usdc } = b.tokens
    const artifact = forgeArtifact('DevUsdc')
    const setBlacklisted = (isBlocked: boolean) =>
      b.sender('network').send(contractCall(artifact, usdc, 'setBlacklisted', [second, isBlocked]))
    await register(b, registrationOf(usdc))
    await depositUsdc()
    const [secondBefore, thirdBefore] = [await b.balanceOf(usdc, second), await b.balanceOf(usdc, third)]
    await setBlacklisted(true)
    const receipt = await settleHere(usdc, merchant)
    const { tip } = eventOf<{ tip: bigint }>(receipt, b, 'settler', 'Settled')
    const { amountOut } = eventOf<{ amountOut: bigint }>(receipt, b, 'settler', 'PaidOut')
    const owed = await ledgerOf(second, usdc)
    const got = (await b.balanceOf(usdc, third)) - thirdBefore
    expect([owed + got, amountOut + tip]).toEqual([amountOut, 100_000_000n])
    expect(owed).toBeGreaterThanOrEqual((amountOut * 6_000n) / 10_000n)

    await setBlacklisted(false)
    await act(b, 'merchant2', 'escrow', 'withdraw', [usdc, owed, second])
    expect((await b.balanceOf(usdc, second)) - secondBefore).toBe(owed)
    expect(await ledgerOf(second, usdc)).toBe(0n)
  }))

test('a settlement below its bound changes nothing', () =>
  drill(world, 'below the bound', async () => {
    const { usdc, weth } = b.tokens
    await register(b, registrationOf(weth))
    await depositUsdc()
    // Code that stops at once: as a solver it takes the tokens and delivers nothing.
    const solver = '0x00000000000000000000000000000000000051ce'
    await testClient(b).setCode({ address: solver, bytecode: '0x00' })
    const state = async () => [
      await ledgerOf(merchant, usdc),
      await b.balanceOf(usdc, contractsOf(b).escrow.address),
      await b.balanceOf(usdc, solver),
      await b.balanceOf(weth, second),
    ]
    const before = await state()
    const group = { token: usdc, asset: weth, eid: b.eid, tier: 1 }
    const attempt = act(b, 'keeper', 'settler', 'settle', [group, [merchant], solver, '0x'])
    await expect(attempt).rejects.toThrow(/Settler_BelowBound\(0, [1-9]\d*\)/)
    expect(await state()).toEqual(before)
    expect(before[0]).toBe(100_000_000n)
  }))
