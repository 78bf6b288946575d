/** GET /ledger: what accounts may take out. */
import type { LedgerView } from '@mati/sdk'
import { db } from 'ponder:api'
import { eq } from 'ponder'
import { ledger as table } from 'ponder:schema'
import { z } from 'zod'
import { addressParameter, answer, createRouter, parseParameters } from './http.ts'

const query = z.strictObject({ account: addressParameter.optional() })

export const ledger = createRouter()

ledger.get('/ledger', async (c) => {
  const { account } = parseParameters(query, c.req.query())
  const rows = await db
    .select()
    .from(table)
    .where(account ? eq(table.account, account) : undefined)
    .orderBy(table.chainId, table.account, table.token)
  const views: LedgerView[] = rows.map(({ chainId, account, token, credited, debited }) => ({
    chainId,
    account,
    token,
    credited,
    debited,
    balance: credited - debited,
  }))
  return answer(c, views)
})
