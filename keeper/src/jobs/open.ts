import { merchantRegistryAbi, type PayoutAccountView, type PayoutTerms } from '@mati/sdk'
import { encodeFunctionData, type Address } from 'viem'
import { z } from 'zod'
import { address, integer } from '../parse.ts'
import { submit } from '../transactions/submit.ts'
import type { Clocks, Job, Outcome, RunEdge } from './job.ts'

export type OpenAction = { chainId: number; account: Address; terms: PayoutTerms }

const count = z.coerce.number().int().nonnegative()
const terms: z.ZodType<PayoutTerms> = z.object({
  merchant: address,
  payout: z.object({ asset: address, eid: integer, cycle: count, tier: count, toleranceBps: count }),
  chain: z.object({
    eid: integer,
    settler: address,
    recipients: z.array(z.object({ account: address, shareBps: count })),
    reserves: z.array(z.object({ token: address, amount: z.coerce.bigint() })),
  }),
})

/** Opens payout accounts that something arrived in, so that it can be settled. Registering does it; else anyone may. */
export const openJob: Job<OpenAction> = {
  name: 'open',
  schema: z.object({ chainId: integer, account: address, terms }),
  key: ({ account }) => account,
  plan: async ({ index, clocks }) => planOpenings(await index.getPayoutAccounts({ isWaiting: 'true' }), clocks),
  run: runOpening,
}

/** The accounts that are not open, of chains that are ours, in which somebody settles at all. Pure. */
export function planOpenings(accounts: readonly PayoutAccountView[], clocks: Clocks): OpenAction[] {
  return accounts.flatMap(({ chainId, account, isOpen, terms }) =>
    isOpen || !clocks.has(chainId) || BigInt(terms.chain.settler) === 0n ? [] : [{ chainId, account, terms }],
  )
}

export async function runOpening({ chain, signal }: RunEdge, { account, terms }: OpenAction): Promise<Outcome> {
  return submit(chain, {
    key: `open:${account}`,
    to: chain.deployment.contracts.registry,
    data: encodeFunctionData({ abi: merchantRegistryAbi, functionName: 'openPayoutAccount', args: [terms] }),
    signal,
  })
}
