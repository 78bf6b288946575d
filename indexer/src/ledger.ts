/** MatiEscrow: the ledger of what everyone may take out. */
import { ponder } from 'ponder:registry'
import { debit, ledger, payment, refund } from 'ponder:schema'
import { addCredit } from './credit.ts'
import { factOf } from './fact.ts'

ponder.on('Escrow:Credited', async ({ event, context }) => {
  const { from: depositor, ...entry } = event.args
  await addCredit(context, factOf(event, context), { ...entry, depositor })
})

ponder.on('Escrow:Debited', async ({ event, context }) => {
  const { account, token, to, amount, debitedTotal } = event.args
  const fact = factOf(event, context)
  // A debit of nothing is no range.
  if (amount === 0n) return
  const range = { low: debitedTotal - amount, high: debitedTotal }
  const { chainId, blockNumber, logIndex } = fact

  // The escrow debits the merchant right after it told of the refund; a stranger's money is followed by no debit.
  const told = await context.db.find(refund, { chainId, blockNumber, logIndex: logIndex - 1 })
  const refunded = told && (await context.db.find(payment, { id: told.paymentId }))
  const isRefund = told?.amount === amount && refunded?.merchant === account && refunded.token === token
  const refundOf = isRefund ? told.paymentId : null

  await context.db.insert(debit).values({ ...fact, ...range, account, token, to, settlementId: null, refundOf })
  await context.db.update(ledger, { chainId, account, token }).set({ debited: debitedTotal })
})
