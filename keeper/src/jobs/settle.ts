import {
  getRate,
  type Group,
  type GroupView,
  previewSettlement,
  settlerAbi,
  type SettlementPreview,
  toQuoteDown,
  USD,
} from '@mati/sdk'
import { encodeFunctionData, zeroAddress, type Address, type Hex } from 'viem'
import { z } from 'zod'
import type { Chain } from '../chains.ts'
import { address, integer } from '../parse.ts'
import { findBestRoute } from '../routes/quote.ts'
import { isRefused, orExpected } from '../transactions/expected.ts'
import { submit } from '../transactions/submit.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'
import { MAX_MEMBERS, splitMembers } from './members.ts'
import { summarize } from './summarize.ts'

/** Percent of the quoted message fee that is sent along: gas prices move, and what is too much comes back. */
const MESSAGE_FEE_MARGIN = 110n

export type SettleAction = {
  chainId: number
  group: Group
  /** Those whose balances are due, longest waiting first. */
  merchants: Address[]
}

export type SettleOptions = {
  /** Balances of a group that are worth less wait; USD with 18 decimals. */
  minSettleUsdWad: bigint
}

/** Converts and pays out what merchants have earned, group by group. */
export function createSettleJob(options: SettleOptions): Job<SettleAction> {
  return {
    name: 'settle',
    schema: z.object({
      chainId: integer,
      group: z.object({ token: address, asset: address, eid: integer, tier: integer }),
      merchants: z.array(address),
    }),
    key: ({ group }) => groupKey(group),
    plan: async ({ index, clocks }) => planSettlements(await index.getGroups(), clocks),
    run: (edge, action) => runSettlement(edge, action, options),
  }
}

/** The groups with members that are due at each chain's time. Pure. */
export function planSettlements(groups: readonly GroupView[], clocks: Clocks): SettleAction[] {
  return groups.flatMap(({ chainId, token, asset, eid, tier, members }) => {
    const now = clocks.get(chainId)
    if (now === undefined) return []
    const due = members.filter((member) => member.balance > member.reserve && isDue(member, now))
    if (due.length === 0) return []
    const merchants = due.toSorted((a, b) => a.since - b.since).map((member) => member.merchant)
    return [{ chainId, group: { token, asset, eid, tier }, merchants }]
  })
}

/** Balances that had arrived by the last multiple of the cycle are due; without a cycle, as they arrive. */
function isDue({ since, cycle }: { since: number; cycle: number }, now: number): boolean {
  return cycle === 0 || since <= now - (now % cycle)
}

function groupKey({ token, asset, eid, tier }: Group): string {
  return [token, asset, eid, tier].join(':').toLowerCase()
}

/** Settles the group in as many transactions as its members need, those who wait longest first. */
export async function runSettlement(edge: RunEdge, action: SettleAction, options: SettleOptions): Promise<Outcome> {
  const { chain } = edge
  const isLocal = action.group.eid === chain.deployment.eid
  const atMost = isLocal ? MAX_MEMBERS : Math.min(MAX_MEMBERS, await chain.maxPayouts())
  return settleParts(edge, action, options, atMost)
}

/** One part after the other, each whatever becomes of the others (invariant 14). */
async function settleParts(
  edge: RunEdge,
  action: SettleAction,
  options: SettleOptions,
  atMost: number,
): Promise<Outcome> {
  const outcomes: PromiseSettledResult<Outcome>[] = []
  for (const merchants of splitMembers(action.merchants, atMost)) {
    edge.signal.throwIfAborted()
    const [outcome] = await Promise.allSettled([settleTogether(edge, { ...action, merchants }, options)])
    outcomes.push(outcome)
  }
  return summarize(outcomes)
}

/**
 * Settles these members, or as many of those who wait longest as the market has room for: a group's allowance is that
 * of its freshest member, and a smaller amount moves the price less. If the transaction itself cannot succeed, its
 * halves are settled apart, so that a member whom no gas suffices for keeps nobody else waiting.
 */
async function settleTogether(edge: RunEdge, action: SettleAction, options: SettleOptions): Promise<Outcome> {
  const { chain, signal } = edge
  const { group, merchants } = action
  const { client, deployment } = chain
  let reason = 'nobody is due'
  let waiting = merchants
  while (waiting.length > 0) {
    signal.throwIfAborted()
    const preview = await orExpected(previewSettlement(client, { deployment, group, merchants: waiting }))
    if ('status' in preview) return preview
    if (preview.eligible.length === 0) return { status: 'nothing', reason: 'no member can be settled now' }
    if (await isTooSmall(chain, group, preview.amountIn, options.minSettleUsdWad)) {
      return { status: 'later', reason: 'the balances are worth less than KEEPER_MIN_SETTLE_USD' }
    }
    const route = await findRoute(chain, group, preview)
    const settleable = onlyEligible(waiting, preview)
    if (route.status === 'found') {
      return submitSettlement(chain, group, preview, route, signal).catch((error: unknown) => {
        if (settleable.length === 1 || !isRefused(error)) throw error
        const half = Math.ceil(settleable.length / 2)
        return settleParts(edge, { ...action, merchants: settleable }, options, half)
      })
    }
    reason = route.reason
    waiting = settleable.slice(0, Math.floor(settleable.length / 2))
  }
  return { status: 'later', reason }
}

/** Those who would be settled, still in the order in which they wait. */
function onlyEligible(merchants: readonly Address[], { eligible }: SettlementPreview): Address[] {
  const settled = new Set(eligible.map((merchant) => merchant.toLowerCase()))
  return merchants.filter((merchant) => settled.has(merchant.toLowerCase()))
}

type Found = { status: 'found'; solver: Address; data: Hex }
type Route = Found | { status: 'none'; reason: string }

/** Who converts, along which path; nobody where the token is what is wanted. */
async function findRoute(chain: Chain, { token }: Group, preview: SettlementPreview): Promise<Route> {
  const { amountIn, minReceived, out } = preview
  if (token.toLowerCase() === out.toLowerCase()) return { status: 'found', solver: zeroAddress, data: '0x' }
  const best = await findBestRoute(chain, { tokenIn: token, tokenOut: out, amountIn })
  if (!best) return { status: 'none', reason: `no pool leads from ${token} to ${out}` }
  if (best.amountOut < minReceived) {
    return { status: 'none', reason: `the best path gives ${best.amountOut} of at least ${minReceived}` }
  }
  return { status: 'found', solver: chain.deployment.contracts.solver, data: best.path }
}

async function submitSettlement(
  chain: Chain,
  group: Group,
  { eligible, messageFee }: SettlementPreview,
  { solver, data }: Found,
  signal: AbortSignal,
): Promise<Outcome> {
  return submit(chain, {
    key: `settle:${groupKey(group)}`,
    to: chain.deployment.contracts.settler,
    data: encodeFunctionData({ abi: settlerAbi, functionName: 'settle', args: [group, eligible, solver, data] }),
    value: (messageFee * MESSAGE_FEE_MARGIN) / 100n,
    signal,
  })
}

async function isTooSmall(chain: Chain, group: Group, amount: bigint, minUsdWad: bigint): Promise<boolean> {
  if (minUsdWad === 0n) return false
  const { client, deployment } = chain
  const rate = await getRate(client, { deployment, base: group.token, quote: USD.address })
  return toQuoteDown(rate, amount) < minUsdWad
}
