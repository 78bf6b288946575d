/** The HTTP API. Answers have the schemas of `@mati/sdk`; beside them ponder's /graphql, /health, /ready, /status. */
import { graphql } from 'ponder'
import { db } from 'ponder:api'
import schema from 'ponder:schema'
import { Hono } from 'hono'
import { feeds } from './feeds.ts'
import { groups } from './groups.ts'
import { indexed } from './indexed.ts'
import { ledger } from './ledger.ts'
import { messages } from './messages.ts'
import { payments } from './payments.ts'
import { payoutAccounts } from './payout-accounts.ts'
import { solvency } from './solvency.ts'

const app = new Hono()

for (const router of [payments, groups, payoutAccounts, messages, ledger, solvency, feeds, indexed])
  app.route('/', router)
app.use('/graphql', graphql({ db, schema }))
app.all('*', (c) => c.json({ error: { code: 'NOT_FOUND', message: `there is no ${c.req.path}` } }, 404))

export default app
