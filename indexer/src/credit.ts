/** A credit of a ledger account, whichever event tells of it. */
import type { Context } from 'ponder:registry'
import { credit, ledger } from 'ponder:schema'
import type { Address, Hex } from 'viem'
import type { Fact } from './follow/facts.ts'
import type { Range } from './follow/range.ts'
import { meanSince } from './mean-since.ts'

export interface Credit {
  account: Address
  token: Address
  amount: bigint
  /** The account's counter afterwards. */
  creditedTotal: bigint
  ref: Hex
  /** Zero for what the escrow itself credited. */
  depositor: Address
}

/** Notes a credit and what it makes of the account's balance. @returns Its range of the account's counter. */
export async function addCredit(context: Context, fact: Fact, entry: Credit): Promise<Range> {
  const { account, token, amount, creditedTotal, ref, depositor } = entry
  const range = { low: creditedTotal - amount, high: creditedTotal }
  // A credit of nothing is no range.
  if (amount === 0n) return range
  await context.db.insert(credit).values({ ...fact, ...range, account, token, ref, depositor })

  const arrived = { amount, timestamp: fact.timestamp }
  await context.db
    .insert(ledger)
    .values({ chainId: fact.chainId, account, token, credited: creditedTotal, debited: 0n, since: fact.timestamp })
    .onConflictDoUpdate((row) => ({
      credited: creditedTotal,
      since: meanSince({ balance: row.credited - row.debited, since: row.since }, arrived),
    }))
  return range
}
