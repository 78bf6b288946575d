/** What the chains themselves say, held against what the index says. */
import { matiEscrowAbi, matiTokenAbi, type PaymentView, tokenOf } from '@mati/sdk'
import { GENESIS } from './config.ts'
import type { Held } from './payments.ts'
import { chainNamed } from './participants.ts'
import type { Stack, StackChain } from './stack.ts'

export type Solvency = { chainId: number; token: string; balance: bigint; holds: bigint; ledger: bigint }
export type Supply = {
  genesis: bigint
  perChain: { chainId: number; supply: bigint }[]
  /** Each way between two chains: what the one has sent and the other received. */
  ways: { from: number; to: number; sent: bigint; received: bigint }[]
  inFlight: bigint
}

/** Tokens that each escrow has, and what the index says it owes (invariant 1). */
export async function readSolvency(stack: Stack): Promise<Solvency[]> {
  const owed = await stack.api.getSolvency()
  return Promise.all(
    owed.map(async ({ chainId, token, holds, ledger }) => {
      const chain = stack.chains.find((candidate) => candidate.chainId === chainId)
      if (!chain) throw new Error(`The index knows a chain ${chainId} that was not started`)
      const balance = await chain.balanceOf(token, chain.deployment.contracts.escrow)
      return { chainId, token, balance, holds, ledger }
    }),
  )
}

/** Whether every escrow has at least what it owes, and the index has seen every escrow. */
export function isSolvent(solvency: readonly Solvency[]): boolean {
  return solvency.length > 0 && solvency.every(({ balance, holds, ledger }) => balance >= holds + ledger)
}

/** MATI on every chain, and what is on its way between them (invariant 11). */
export async function readSupply(stack: Stack): Promise<Supply> {
  const tokenOn = ({ deployment }: StackChain) => ({ address: deployment.contracts.token, abi: matiTokenAbi }) as const
  const perChain = stack.chains.map(async (chain) => {
    const supply = await chain.client.readContract({ ...tokenOn(chain), functionName: 'totalSupply' })
    return { chainId: chain.chainId, supply }
  })
  const pairs = stack.chains.flatMap((from) => stack.chains.filter((to) => to !== from).map((to) => ({ from, to })))
  const ways = pairs.map(async ({ from, to }) => {
    const [sent, received] = await Promise.all([
      from.client.readContract({ ...tokenOn(from), functionName: 'sent', args: [to.eid] }),
      to.client.readContract({ ...tokenOn(to), functionName: 'received', args: [from.eid] }),
    ])
    return { from: from.chainId, to: to.chainId, sent, received }
  })
  const supply = { genesis: GENESIS, perChain: await Promise.all(perChain), ways: await Promise.all(ways) }
  return { ...supply, inFlight: supply.ways.reduce((sum, { sent, received }) => sum + sent - received, 0n) }
}

/** Whether all MATI there is or that is on its way is what was minted once, and nothing arrived that was not sent. */
export function isConstant({ genesis, perChain, ways, inFlight }: Supply): boolean {
  const total = perChain.reduce((sum, { supply }) => sum + supply, inFlight)
  return total === genesis && ways.every(({ sent, received }) => received <= sent)
}

/** Balances that the demo compares before and after: of payers what they pay with, of merchants what they want. */
export async function readBalances(stack: Stack, held: readonly Pick<Held, 'scene'>[]): Promise<Map<string, bigint>> {
  const places = held.flatMap(({ scene: { invoice, payer, merchant } }) => [
    { ...invoice.pay, who: payer },
    { ...invoice.receive, who: merchant },
  ])
  const entries = places.map(async ({ chain: name, token, who }) => {
    const chain = chainNamed(stack, name)
    const { address } = tokenOf(chain.deployment, token)
    return [`${who} ${token} on ${name}`, await chain.balanceOf(address, stack.accounts[who].address)] as const
  })
  return new Map(await Promise.all(entries))
}

/** Everything in which the chains disagree with the index; empty if they agree. */
export async function disagreements(
  stack: Stack,
  settled: readonly (Held & { view: PaymentView })[],
  balances: { before: Map<string, bigint>; after: Map<string, bigint> },
): Promise<string[]> {
  const found: string[] = []
  const expect = (what: string, chain: bigint, index: bigint) => {
    if (chain !== index) found.push(`${what}: ${chain} on the chain, ${index} in the index`)
  }
  const expected = new Map<string, bigint>()
  const add = (key: string, amount: bigint) => expected.set(key, (expected.get(key) ?? 0n) + amount)

  for (const { scene, id, view } of settled) {
    const { client, deployment } = chainNamed(stack, scene.invoice.pay.chain)
    const escrow = { address: deployment.contracts.escrow, abi: matiEscrowAbi } as const
    const state = await client.readContract({ ...escrow, functionName: 'paymentState', args: [id] })
    expect(`${scene.name}: held`, state.held, view.held)
    expect(`${scene.name}: captured`, state.captured, view.captured)
    expect(`${scene.name}: refunded of the due`, state.refundedDue, view.refundedDue)
    const { pay, receive } = scene.invoice
    add(`${scene.payer} ${pay.token} on ${pay.chain}`, view.refunded - view.captured)
    add(`${scene.merchant} ${receive.token} on ${receive.chain}`, receivedOf(view))
  }
  for (const [key, change] of expected) {
    expect(key, (balances.after.get(key) ?? 0n) - (balances.before.get(key) ?? 0n), change)
  }
  for (const { chainId, account, token, balance } of await stack.api.getLedger()) {
    const chain = stack.chains.find((candidate) => candidate.chainId === chainId)
    if (!chain) continue
    const escrow = { address: chain.deployment.contracts.escrow, abi: matiEscrowAbi } as const
    const actual = await chain.client.readContract({ ...escrow, functionName: 'balanceOf', args: [account, token] })
    expect(`ledger balance of ${account} on ${chain.name}`, actual, balance)
  }
  return found
}

/** What reached the merchant of one payment, in units of the asset it wants. */
export function receivedOf({ payouts }: PaymentView): bigint {
  return payouts.reduce((sum, { guid, amountOut }) => (guid === null ? sum + amountOut : sum), 0n)
}
