/** Who of a settlement's members bore its tip and its message fee: the event tells only their sums. */
import type { PayoutFact, SettlementFact } from './facts.ts'
import { lengthOf, shareOf } from './range.ts'

export interface Cost {
  tip: bigint
  messageRepaid: bigint
}

/**
 * Divides a settlement's costs over its members; the parts add up to the sums exactly.
 *
 * What a member misses is its part, by balance, of all that was delivered, less what it got. On its own chain that is
 * its tip (the settler gives back the tip of what it could not pay). Across chains every tip is by balance and what
 * is missing beyond it repaid the message. Single units of rounding may fall to a neighbour.
 * @param members All payouts of the settlement, in the order of their events.
 */
export function allotCosts(settlement: SettlementFact, members: PayoutFact[]): Cost[] {
  const balances = members.map(lengthOf)
  const delivered = members.reduce((sum, member) => sum + member.amountOut, settlement.tip + settlement.messageRepaid)
  const parts = divide(delivered, balances)
  const missing = members.map((member, i) => atLeastZero((parts[i] ?? 0n) - member.amountOut))

  const tips = divide(settlement.tip, settlement.guid === null ? missing : balances, balances)
  const beyondTips = missing.map((amount, i) => atLeastZero(amount - (tips[i] ?? 0n)))
  const repaid = divide(settlement.messageRepaid, beyondTips, balances)
  return members.map((_, i) => ({ tip: tips[i] ?? 0n, messageRepaid: repaid[i] ?? 0n }))
}

/** Parts of `total` in proportion to `weights` (to `otherwise` if all of them are zero), which add up to it. */
function divide(total: bigint, weights: bigint[], otherwise: bigint[] = weights): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n)
  if (sum === 0n) return total === 0n ? weights.map(() => 0n) : divide(total, otherwise)
  let low = 0n
  return weights.map((weight) => {
    const part = { low, high: low + weight }
    low = part.high
    return shareOf(total, { low: 0n, high: sum }, part)
  })
}

function atLeastZero(amount: bigint): bigint {
  return amount < 0n ? 0n : amount
}
