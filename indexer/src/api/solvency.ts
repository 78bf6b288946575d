/** GET /solvency: what each escrow owes in each token, as its events tell. */
import type { SolvencyView } from '@mati/sdk'
import { db } from 'ponder:api'
import { sql } from 'ponder'
import { ledger, payment } from 'ponder:schema'
import { answer, createRouter } from './http.ts'

export const solvency = createRouter()

solvency.get('/solvency', async (c) => {
  const holds = await db
    .select({ chainId: payment.chainId, token: payment.token, amount: sql<string>`sum(${payment.held})` })
    .from(payment)
    .groupBy(payment.chainId, payment.token)
  const balances = await db
    .select({
      chainId: ledger.chainId,
      token: ledger.token,
      amount: sql<string>`sum(${ledger.credited} - ${ledger.debited})`,
    })
    .from(ledger)
    .groupBy(ledger.chainId, ledger.token)

  const views = new Map<string, SolvencyView>()
  const viewOf = ({ chainId, token }: Pick<SolvencyView, 'chainId' | 'token'>): SolvencyView => {
    const key = `${chainId}:${token}`
    const view = views.get(key) ?? { chainId, token, holds: 0n, ledger: 0n }
    views.set(key, view)
    return view
  }
  for (const row of holds) viewOf(row).holds = BigInt(row.amount)
  for (const row of balances) viewOf(row).ledger = BigInt(row.amount)
  return answer(c, [...views.values()])
})
