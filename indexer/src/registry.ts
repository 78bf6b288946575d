/** MerchantRegistry: how merchants are paid, as far as it concerns the chain it was registered on. */
import type { PayoutTerms } from '@mati/sdk'
import { type Context, ponder } from 'ponder:registry'
import { payoutAccount, registration } from 'ponder:schema'
import { type Address, zeroAddress } from 'viem'
import { deploymentOf, lower } from './config/index.ts'
import { factOf } from './fact.ts'
import { payoutTermsOf, storePayoutTerms } from './payout-terms.ts'

ponder.on('Registry:Registered', async ({ event, context }) => {
  const { merchant, nonce, effectiveAt, registration: registered, payoutAccount: account } = event.args
  const { eid } = deploymentOf(context.chain.id)
  const here = registered.chains.find((chain) => chain.eid === eid)
  await context.db.insert(registration).values({
    ...factOf(event, context),
    ...registered.payout,
    merchant,
    nonce,
    effectiveAt: Number(effectiveAt),
    operators: registered.operators.map(({ account, actions, until }) => ({ account: lower(account), actions, until })),
    settler: here && here.settler !== zeroAddress ? here.settler : null,
    recipients: (here?.recipients ?? []).map(({ account, shareBps }) => ({ account: lower(account), shareBps })),
    reserves: (here?.reserves ?? []).map(({ token, amount }) => ({ token: lower(token), amount: amount.toString() })),
  })
  if (account !== zeroAddress) await noteAccount(context, account, payoutTermsOf(registered))
})

ponder.on('Registry:PayoutAccountOpened', async ({ event, context }) => {
  const { account, merchant, terms } = event.args
  const { settler, recipients } = terms.chain
  await noteAccount(context, account, terms)
  const fact = factOf(event, context)
  // As any merchant's registration, but for what a payout account has not: operators, reserves, a second version.
  await context.db.insert(registration).values({
    ...fact,
    ...terms.payout,
    merchant: account,
    nonce: 1n,
    effectiveAt: fact.timestamp,
    operators: [],
    settler: settler === zeroAddress ? null : settler,
    recipients:
      recipients.length === 0
        ? [{ account: lower(merchant), shareBps: 10_000 }]
        : recipients.map((one) => ({ account: lower(one.account), shareBps: one.shareBps })),
    reserves: [],
  })
})

/** The account's address is made of its terms, so whoever tells of it tells the same. */
async function noteAccount(context: Context, account: Address, terms: PayoutTerms): Promise<void> {
  const row = { account, merchant: terms.merchant, eid: terms.payout.eid, terms: storePayoutTerms(terms) }
  await context.db.insert(payoutAccount).values(row).onConflictDoNothing()
}
