/** MatiEscrow: the ledger of what everyone may take out. */
import { ponder } from 'ponder:registry'
import { credit, debit, ledger } from 'ponder:schema'
import { factOf } from './fact.ts'
import { meanSince } from './mean-since.ts'

ponder.on('Escrow:Credited', async ({ event, context }) => {
  const { account, token, ref, from, amount, creditedTotal } = event.args
  const fact = factOf(event, context)
  const range = { low: creditedTotal - amount, high: creditedTotal }
  await context.db.insert(credit).values({ ...fact, ...range, account, token, ref, depositor: from })

  const key = { chainId: fact.chainId, account, token }
  const arrived = { amount, timestamp: fact.timestamp }
  await context.db
    .insert(ledger)
    .values({ ...key, credited: creditedTotal, debited: 0n, since: fact.timestamp })
    .onConflictDoUpdate((row) => ({
      credited: creditedTotal,
      since: meanSince({ balance: row.credited - row.debited, since: row.since }, arrived),
    }))
})

ponder.on('Escrow:Debited', async ({ event, context }) => {
  const { account, token, to, amount, debitedTotal } = event.args
  const fact = factOf(event, context)
  // A debit of nothing is no range.
  if (amount === 0n) return
  const range = { low: debitedTotal - amount, high: debitedTotal }
  await context.db.insert(debit).values({ ...fact, ...range, account, token, to, settlementId: null })
  await context.db.update(ledger, { chainId: fact.chainId, account, token }).set({ debited: debitedTotal })
})
