/** What a payout account stands for, as JSON that a database holds. Pure. */
import type { PayoutAccountView, PayoutTerms, Registration } from '@mati/sdk'
import { zeroAddress } from 'viem'
import { lower } from './config/index.ts'

/** `PayoutTerms` with lower case addresses and amounts as decimal strings. */
export type StoredPayoutTerms = Omit<PayoutTerms, 'chain'> & {
  chain: Omit<PayoutTerms['chain'], 'reserves'> & { reserves: { token: `0x${string}`; amount: string }[] }
}

/** What a registration says of its payout's own chain; of one it says nothing of, that nobody settles there. */
export function payoutTermsOf({ merchant, payout, chains }: Registration): PayoutTerms {
  const nothing = { eid: payout.eid, settler: zeroAddress, recipients: [], reserves: [] }
  return { merchant, payout, chain: chains.find(({ eid }) => eid === payout.eid) ?? nothing }
}

export function storePayoutTerms({ merchant, payout, chain }: PayoutTerms): StoredPayoutTerms {
  return {
    merchant: lower(merchant),
    payout: { ...payout, asset: lower(payout.asset) },
    chain: {
      eid: chain.eid,
      settler: lower(chain.settler),
      recipients: chain.recipients.map(({ account, shareBps }) => ({ account: lower(account), shareBps })),
      reserves: chain.reserves.map(({ token, amount }) => ({ token: lower(token), amount: amount.toString() })),
    },
  }
}

export function loadPayoutTerms({ chain, ...terms }: StoredPayoutTerms): PayoutAccountView['terms'] {
  const reserves = chain.reserves.map(({ token, amount }) => ({ token, amount: BigInt(amount) }))
  return { ...terms, chain: { ...chain, recipients: [...chain.recipients], reserves } }
}
