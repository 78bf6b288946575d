/** Two opposite groups settled against each other, without a pool but for what one has more than the other. */
import { previewCrossing, settlerAbi, type Side } from '@mati/sdk'
import { encodeFunctionData } from 'viem'
import { orExpected } from '../transactions/expected.ts'
import { submit } from '../transactions/submit.ts'
import type { Outcome, RunEdge } from './job.ts'
import { MAX_MEMBERS } from './members.ts'
import { findRoute, groupKey, isTooSmall, type SettleOptions, TOO_SMALL } from './settlement.ts'

const NOT_COVERED = { status: 'later', reason: 'neither group covers the other' } as const

/**
 * Crosses as many as a transaction holds, those who wait longest first. If the market has no room for what is left of
 * one group, with half of that group, as long as there is more than one.
 */
export async function settleCrossed(
  { chain, signal }: RunEdge,
  sides: readonly [Side, Side],
  { minSettleUsdWad }: SettleOptions,
): Promise<Outcome> {
  const { client, deployment } = chain
  const half = Math.floor(MAX_MEMBERS / 2)
  let [a, b] = sides.map((side) => firstOf(side, half)) as [Side, Side]
  for (;;) {
    signal.throwIfAborted()
    const crossing = await orExpected(previewCrossing(client, { deployment, sides: [a, b] }))
    if (crossing === null) return NOT_COVERED
    if ('status' in crossing) return crossing
    const { covered, other, coveredIn, otherIn, left, minOut } = crossing
    for (const [{ group }, amount] of [[covered, coveredIn] as const, [other, otherIn] as const]) {
      if (await isTooSmall(chain, group.token, amount, minSettleUsdWad)) return TOO_SMALL
    }
    const { token: tokenIn, asset: tokenOut } = other.group
    const route = await findRoute(chain, { tokenIn, tokenOut, amountIn: left }, minOut)
    if (route.status === 'found') {
      return submit(chain, {
        key: `settle:${groupKey(covered.group)}+${groupKey(other.group)}`,
        to: deployment.contracts.settler,
        data: encodeFunctionData({
          abi: settlerAbi,
          functionName: 'settleCrossed',
          args: [covered, other, route.solver, route.data],
        }),
        signal,
      })
    }
    if (other.merchants.length < 2) return { status: 'later', reason: route.reason }
    const isOther = (side: Side) => groupKey(side.group) === groupKey(other.group)
    const fewer = Math.floor(other.merchants.length / 2)
    ;[a, b] = [a, b].map((side) => (isOther(side) ? firstOf(side, fewer) : side)) as [Side, Side]
  }
}

/** Those who wait longest. */
function firstOf({ group, merchants }: Side, count: number): Side {
  return { group, merchants: merchants.slice(0, count) }
}
