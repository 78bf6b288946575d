/** GET /groups: ledger balances by the settlement that they wait for. */
import { db } from 'ponder:api'
import { gt, inArray } from 'ponder'
import { ledger, registration } from 'ponder:schema'
import { config, lower } from '../config/index.ts'
import { groupBalances } from '../groups.ts'
import { answer, createRouter } from './http.ts'
import { readIndexed } from './indexed.ts'

export const groups = createRouter()

groups.get('/groups', async (c) => {
  const rows = await db.select().from(ledger).where(gt(ledger.credited, ledger.debited))
  const merchants = [...new Set(rows.map((row) => row.account))]
  const registrations =
    merchants.length === 0 ? [] : await db.select().from(registration).where(inArray(registration.merchant, merchants))
  const now = new Map((await readIndexed()).map(({ chainId, timestamp }) => [chainId, timestamp]))
  const clocks = config.chains.map(({ deployment: { chainId, contracts } }) => ({
    chainId,
    now: now.get(chainId) ?? 0,
    settler: lower(contracts.settler),
  }))
  const balances = rows.map((row) => ({ ...row, balance: row.credited - row.debited }))
  return answer(c, groupBalances(balances, registrations, clocks))
})
