/** One group settled: by whom of its members, how much of it, along which path. */
import {
  getRate,
  type Group,
  matiTokenAbi,
  previewSettlement,
  settlerAbi,
  type SettlementPreview,
  type Side,
  toQuoteDown,
  USD,
} from '@mati/sdk'
import { encodeFunctionData, zeroAddress, type Address, type Hex } from 'viem'
import type { Chain } from '../chains.ts'
import { findBestRoute, type Swap } from '../routes/quote.ts'
import { isRefused, orExpected } from '../transactions/expected.ts'
import { submit } from '../transactions/submit.ts'
import type { Outcome, RunEdge } from './job.ts'
import { splitMembers } from './members.ts'
import { summarize } from './summarize.ts'

/** Percent of the quoted message fee that is sent along: gas prices move, and what is too much comes back. */
const MESSAGE_FEE_MARGIN = 110n

/** The smallest part of a balance that is settled by itself: a pool that cannot take that much is left to recover. */
const SMALLEST_PART = 16n

export type SettleOptions = {
  /** Balances of a group that are worth less wait; USD with 18 decimals. */
  minSettleUsdWad: bigint
}

export function groupKey({ token, asset, eid, tier }: Group): string {
  return [token, asset, eid, tier].join(':').toLowerCase()
}

/** So many members at a time, each part whatever becomes of the others (invariant 14). */
export async function settleParts(edge: RunEdge, side: Side, options: SettleOptions, atMost: number): Promise<Outcome> {
  const outcomes: PromiseSettledResult<Outcome>[] = []
  for (const merchants of splitMembers(side.merchants, atMost)) {
    edge.signal.throwIfAborted()
    const [outcome] = await Promise.allSettled([settleTogether(edge, { ...side, merchants }, options)])
    outcomes.push(outcome)
  }
  return summarize(outcomes)
}

/**
 * Settles these members, or as many of those who wait longest as market and pathway have room for: a group's allowance is
 * that of its freshest member, and a smaller amount moves the price less. Where there is not even room for the one who
 * waits longest, a part of that one's balance. If the transaction itself cannot succeed, its halves are settled apart, so that
 * a member whom no gas suffices for keeps nobody else waiting.
 */
async function settleTogether(edge: RunEdge, side: Side, options: SettleOptions): Promise<Outcome> {
  const { chain, signal } = edge
  let waiting = side.merchants
  for (;;) {
    signal.throwIfAborted()
    const plan = await planNow(chain, { ...side, merchants: waiting }, options)
    if ('status' in plan) return plan
    const { preview, route } = plan
    const settleable = onlyEligible(waiting, preview)
    if (route.status === 'found') {
      return submitSettlement(edge, side.group, preview, route).catch((error: unknown) => {
        if (settleable.length === 1 || !isRefused(error)) throw error
        return settleParts(edge, { ...side, merchants: settleable }, options, Math.ceil(settleable.length / 2))
      })
    }
    if (settleable.length === 1) {
      return settlePart(edge, { ...side, merchants: settleable }, options, { ...route, amountIn: preview.amountIn })
    }
    waiting = settleable.slice(0, Math.floor(settleable.length / 2))
  }
}

/** Settles as much of a balance as there is room for, by halves: there was none for all of it, for this reason. */
async function settlePart(
  edge: RunEdge,
  side: Side,
  options: SettleOptions,
  { amountIn, reason: why }: { amountIn: bigint; reason: string },
): Promise<Outcome> {
  let reason = why
  for (let part = 2n; part <= SMALLEST_PART; part *= 2n) {
    edge.signal.throwIfAborted()
    const maxAmountIn = amountIn / part
    const plan = await planNow(edge.chain, { ...side, maxAmountIn }, options)
    // A part that is not worth its way: it is room that is waited for.
    if ('status' in plan) return plan.status === 'nothing' ? { status: 'later', reason } : plan
    const { preview, route } = plan
    if (route.status === 'found') return submitSettlement(edge, side.group, preview, route, maxAmountIn)
    reason = route.reason
  }
  return { status: 'later', reason }
}

type Plan = { preview: SettlementPreview; route: Route }

/** What settling would do now, and the way to convert it; or why it is not to be. */
async function planNow(
  chain: Chain,
  { group, merchants, maxAmountIn }: Side & { maxAmountIn?: bigint },
  { minSettleUsdWad }: SettleOptions,
): Promise<Plan | Exclude<Outcome, { status: 'done' }>> {
  const { client, deployment } = chain
  const what = { deployment, group, merchants, ...(maxAmountIn !== undefined && { maxAmountIn }) }
  const preview = await orExpected(previewSettlement(client, what))
  if ('status' in preview) return preview
  if (preview.eligible.length === 0) return { status: 'nothing', reason: 'no member can be settled now' }
  const { amountIn, minReceived, out } = preview
  if (await isTooSmall(chain, group.token, amountIn, minSettleUsdWad)) return TOO_SMALL
  const route = await findRoute(chain, { tokenIn: group.token, tokenOut: out, amountIn }, minReceived)
  return { preview, route: route.status === 'found' ? await withinLimit(chain, group.eid, route) : route }
}

/** A route to another chain, unless it brings more than gateways may send there now: less has to be settled at once. */
async function withinLimit({ client, deployment }: Chain, eid: number, route: Found): Promise<Route> {
  if (eid === deployment.eid) return route
  const token = { address: deployment.contracts.token, abi: matiTokenAbi } as const
  const [, , most] = await client.readContract({ ...token, functionName: 'available', args: [eid] })
  if (route.amountOut <= most) return route
  return { status: 'none', reason: `${route.amountOut} are to be sent, of which the limit lets pass ${most} now` }
}

/** Those who would be settled, still in the order in which they wait. */
function onlyEligible(merchants: readonly Address[], { eligible }: SettlementPreview): Address[] {
  const settled = new Set(eligible.map((merchant) => merchant.toLowerCase()))
  return merchants.filter((merchant) => settled.has(merchant.toLowerCase()))
}

/** `amountOut`: what it brings, in units of what is to be delivered. */
type Found = { status: 'found'; solver: Address; data: Hex; amountOut: bigint }
type Route = Found | { status: 'none'; reason: string }

/** Who converts, along which path; nobody where the token is what is wanted, or nothing is to be converted. */
export async function findRoute(chain: Chain, swap: Swap, minReceived: bigint): Promise<Route> {
  const { tokenIn, tokenOut, amountIn } = swap
  const isAsIs = amountIn === 0n || tokenIn.toLowerCase() === tokenOut.toLowerCase()
  if (isAsIs) return { status: 'found', solver: zeroAddress, data: '0x', amountOut: amountIn }
  const best = await findBestRoute(chain, swap)
  if (!best) return { status: 'none', reason: `no pool leads from ${tokenIn} to ${tokenOut}` }
  if (best.amountOut < minReceived) {
    return { status: 'none', reason: `the best path gives ${best.amountOut} of at least ${minReceived}` }
  }
  return { status: 'found', solver: chain.deployment.contracts.solver, data: best.path, amountOut: best.amountOut }
}

/** @param maxAmountIn The most to settle of the last member; all if it is left out. */
async function submitSettlement(
  { chain, signal }: RunEdge,
  group: Group,
  { eligible, messageFee }: SettlementPreview,
  { solver, data }: Found,
  maxAmountIn?: bigint,
): Promise<Outcome> {
  const call =
    maxAmountIn === undefined
      ? ({ functionName: 'settle', args: [group, eligible, solver, data] } as const)
      : ({ functionName: 'settlePart', args: [group, eligible, maxAmountIn, solver, data] } as const)
  return submit(chain, {
    key: `settle:${groupKey(group)}`,
    to: chain.deployment.contracts.settler,
    data: encodeFunctionData({ abi: settlerAbi, ...call }),
    value: (messageFee * MESSAGE_FEE_MARGIN) / 100n,
    signal,
  })
}

export const TOO_SMALL = {
  status: 'later',
  reason: 'the balances are worth less than KEEPER_MIN_SETTLE_USD',
} as const

export async function isTooSmall(chain: Chain, token: Address, amount: bigint, minUsdWad: bigint): Promise<boolean> {
  if (minUsdWad === 0n) return false
  const { client, deployment } = chain
  const rate = await getRate(client, { deployment, base: token, quote: USD.address })
  return toQuoteDown(rate, amount) < minUsdWad
}
