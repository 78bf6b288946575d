/** GET /payout-accounts: where merchants' payouts from other chains arrive. */
import type { PayoutAccountView } from '@mati/sdk'
import { db } from 'ponder:api'
import { and, eq, gt, inArray, isNull } from 'ponder'
import { ledger, payoutAccount, registration } from 'ponder:schema'
import { z } from 'zod'
import { config } from '../config/index.ts'
import { loadPayoutTerms } from '../payout-terms.ts'
import { addressParameter, answer, createRouter, parseParameters } from './http.ts'

const query = z.strictObject({ merchant: addressParameter.optional(), isWaiting: z.literal('true').optional() })

export const payoutAccounts = createRouter()

payoutAccounts.get('/payout-accounts', async (c) => {
  const { merchant, isWaiting } = parseParameters(query, c.req.query())
  // An account of a chain that is not indexed cannot be told of.
  const perChain = config.chains.map(async ({ deployment: { chainId, eid } }) => {
    const isHere = and(eq(registration.chainId, chainId), eq(registration.merchant, payoutAccount.account))
    const owed = db
      .select({ account: ledger.account })
      .from(ledger)
      .where(and(eq(ledger.chainId, chainId), gt(ledger.credited, ledger.debited)))
    const rows = await db
      .select({ account: payoutAccount, nonce: registration.nonce })
      .from(payoutAccount)
      .leftJoin(registration, isHere)
      .where(
        and(
          eq(payoutAccount.eid, eid),
          merchant ? eq(payoutAccount.merchant, merchant) : undefined,
          isWaiting ? and(isNull(registration.nonce), inArray(payoutAccount.account, owed)) : undefined,
        ),
      )
    return rows.map(({ account, nonce }): PayoutAccountView => {
      const terms = loadPayoutTerms(account.terms)
      return { chainId, account: account.account, merchant: account.merchant, isOpen: nonce !== null, terms }
    })
  })
  return answer(c, (await Promise.all(perChain)).flat())
})
