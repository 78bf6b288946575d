/** Which ledger balances can be settled together. Pure. */
import type { GroupView } from '@mati/sdk'
import type { Address } from 'viem'
import { holdingRegistration, type RegistrationTimes } from './registration.ts'

export interface LedgerBalance {
  chainId: number
  account: Address
  token: Address
  balance: bigint
  /** Unix seconds. */
  since: number
}

export interface MerchantRegistration extends RegistrationTimes {
  chainId: number
  merchant: Address
  asset: Address
  eid: number
  cycle: number
  tier: number
  settler: Address | null
  /** What of its balances settlement leaves where they are, in units of the token. */
  reserves: readonly { token: Address; amount: string }[]
}

/**
 * Groups balances by token and payout; those of accounts that no registration lets our settler move are left out, and
 * those that are all reserve.
 * @param clocks Each chain's time and settler: a registration that waits holds as soon as its chain's time has come.
 */
export function groupBalances(
  balances: LedgerBalance[],
  registrations: MerchantRegistration[],
  clocks: { chainId: number; now: number; settler: Address }[],
): GroupView[] {
  const registrationsOf = Map.groupBy(registrations, ({ chainId, merchant }) => `${chainId}:${merchant}`)
  const groups = new Map<string, GroupView>()
  for (const { chainId, account: merchant, token, balance, since } of balances) {
    const clock = clocks.find((one) => one.chainId === chainId)
    if (!clock || balance === 0n) continue
    const holding = holdingRegistration(registrationsOf.get(`${chainId}:${merchant}`) ?? [], clock.now)
    if (holding?.settler !== clock.settler) continue

    const reserve = BigInt(holding.reserves.find((one) => one.token === token)?.amount ?? 0)
    if (balance <= reserve) continue

    const { asset, eid, tier, cycle } = holding
    const key = [chainId, token, asset, eid, tier].join(':')
    const group = groups.get(key) ?? { chainId, token, asset, eid, tier, members: [] }
    group.members.push({ merchant, balance, reserve, since, cycle })
    groups.set(key, group)
  }
  // In ascending order, as the settler takes them.
  for (const { members } of groups.values()) members.sort((a, b) => (BigInt(a.merchant) < BigInt(b.merchant) ? -1 : 1))
  return [...groups.values()]
}
