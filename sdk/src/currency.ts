/** What a due is counted in: a fiat by Chainlink's `Denominations`, or a token. */
import type { Address } from 'viem'

export type Fiat = { symbol: string; address: Address; decimals: number; /** What people write. */ precision: number }

/** US dollars: `address(840)`, the ISO 4217 number, with 18 decimals in the contracts. */
export const USD: Fiat = {
  symbol: 'USD',
  address: '0x0000000000000000000000000000000000000348',
  decimals: 18,
  precision: 2,
}

/** The fiats that a due can be counted in. */
export const fiats: readonly Fiat[] = [USD]
