import type { Deployment, Group, GroupView, Side } from '@mati/sdk'
import { z } from 'zod'
import { address, integer } from '../parse.ts'
import { settleCrossed } from './crossing.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'
import { MAX_MEMBERS } from './members.ts'
import { onlyPayable } from './payable.ts'
import { groupKey, settleParts, type SettleOptions } from './settlement.ts'
import { summarize } from './summarize.ts'

/** Members of a group whose balances are due, longest waiting first. */
export type SettleAction = Side & {
  chainId: number
  /** A group that wants the token of this one, and has the one that this wants: they are settled against each other. */
  opposite: Side | null
}

const side = z.object({
  group: z.object({ token: address, asset: address, eid: integer, tier: integer }),
  merchants: z.array(address),
})

/** Converts and pays out what merchants have earned, group by group. */
export function createSettleJob(options: SettleOptions): Job<SettleAction> {
  return {
    name: 'settle',
    schema: side.extend({ chainId: integer, opposite: side.nullable() }),
    key: ({ group }) => groupKey(group),
    plan: async ({ index, clocks, eids }) => pairOpposites(planSettlements(await index.getGroups(), clocks), eids),
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
    return [{ chainId, group: { token, asset, eid, tier }, merchants, opposite: null }]
  })
}

/** Balances that had arrived by the last multiple of the cycle are due; without a cycle, as they arrive. */
function isDue({ since, cycle }: { since: number; cycle: number }, now: number): boolean {
  return cycle === 0 || since <= now - (now % cycle)
}

/**
 * Puts two groups of a chain that are paid out there, and of which each has what the other wants, into one action; the
 * one whose key comes first names it. Each is in one pair at most. Pure.
 * @param eids Each chain's own LayerZero endpoint id.
 */
export function pairOpposites(actions: readonly SettleAction[], eids: ReadonlyMap<number, number>): SettleAction[] {
  const left = actions.toSorted((a, b) => (groupKey(a.group) < groupKey(b.group) ? -1 : 1))
  const pairs: SettleAction[] = []
  for (let action = left.shift(); action !== undefined; action = left.shift()) {
    const one = action
    const isHere = one.group.eid === eids.get(one.chainId)
    const at = left.findIndex((other) => isHere && other.chainId === one.chainId && areOpposite(one.group, other.group))
    const [opposite = null] = at === -1 ? [] : left.splice(at, 1)
    pairs.push({ ...one, opposite: opposite && { group: opposite.group, merchants: opposite.merchants } })
  }
  return pairs
}

function areOpposite(a: Group, b: Group): boolean {
  return a.eid === b.eid && isSame(a.token, b.asset) && isSame(a.asset, b.token) && !isSame(a.token, a.asset)
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/**
 * Settles what two opposite groups can give each other, and what is left the next time; a group alone, or two that
 * cannot be crossed, in as many transactions as their members need, those who wait longest first.
 */
export async function runSettlement(edge: RunEdge, action: SettleAction, options: SettleOptions): Promise<Outcome> {
  const { group, merchants, opposite } = action
  if (opposite === null) return settleGroup(edge, { group, merchants }, options)
  const sides = [{ group, merchants }, opposite] as const
  const [crossed] = await Promise.allSettled([settleCrossed(edge, sides, options)])
  if (crossed.status === 'fulfilled' && crossed.value.status === 'done') return crossed.value
  edge.signal.throwIfAborted()

  const apart = await Promise.allSettled(sides.map((one) => settleGroup(edge, one, options)))
  return summarize([...apart, crossed])
}

async function settleGroup(edge: RunEdge, side: Side, options: SettleOptions): Promise<Outcome> {
  const { chain } = edge
  const { group } = side
  if (group.eid !== chain.deployment.eid) {
    return settleParts(edge, side, options, Math.min(MAX_MEMBERS, await chain.maxPayouts()))
  }
  if (!isSame(group.token, group.asset)) return settleParts(edge, side, options, MAX_MEMBERS)
  if (!isOurs(chain.deployment, group.token)) {
    return { status: 'later', reason: `${group.token} is no token of the deployment` }
  }
  const merchants = await onlyPayable(chain, group.token, side.merchants)
  if (merchants.length === 0) return { status: 'later', reason: `${group.token} cannot be paid to any of the members` }
  return settleParts(edge, { ...side, merchants }, options, MAX_MEMBERS)
}

/**
 * Whether the deployment names a token. Anyone may credit ledger balances in any other, which does as it likes; only what
 * is paid out as it is needs no rate, by which it would be refused.
 */
function isOurs({ tokens, contracts, external }: Deployment, token: string): boolean {
  const named = [...tokens.map(({ address }) => address), contracts.token, external.wrappedNative]
  return named.some((one) => isSame(one, token))
}
