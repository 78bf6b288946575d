/** MerchantRegistry: how merchants are paid, as far as it concerns the chain it was registered on. */
import { ponder } from 'ponder:registry'
import { registration } from 'ponder:schema'
import { zeroAddress } from 'viem'
import { deploymentOf, lower } from './config/index.ts'
import { factOf } from './fact.ts'

ponder.on('Registry:Registered', async ({ event, context }) => {
  const { merchant, nonce, effectiveAt, registration: registered } = event.args
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
})
