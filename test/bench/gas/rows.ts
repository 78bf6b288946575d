/** The rows of the gas bench, in the order in which they are printed. */

/** What another project needs for the same, measured in the same way. */
export type Peer = { name: string; gas: number }

export type GasRow = {
  name: string
  /** The most it may cost without a reason; null where nothing was promised. */
  bar: number | null
  peer: Peer | null
}

const commerce = (gas: number): Peer => ({ name: 'commerce-payments', gas })

const barred = (name: string, bar: number, peer: Peer | null = null): GasRow => ({ name, bar, peer })
const unbarred = (name: string): GasRow => ({ name, bar: null, peer: null })

/**
 * `…_first`: what is written was empty before. `…_guarded`: with intake limits and screening, or with rates that are
 * checked against a pool. `…_each`: what one payment costs of the transactions it shares with others.
 */
export const gasRows: readonly GasRow[] = [
  unbarred('erc20_transfer'),
  barred('authorize_erc3009', 115_000, commerce(122_055)),
  barred('authorize_permit2', 112_000, commerce(121_150)),
  // Both after an approval, which is 55,722 gas of its own there.
  barred('authorize_allowance', 86_000, commerce(86_166)),
  barred('charge_erc3009', 129_000, commerce(144_341)),
  barred('capture', 54_000, commerce(66_908)),
  barred('capture_fiat_2_feeds', 100_000),
  barred('capture_batch_20_each', 17_600, commerce(27_477)),
  barred('capture_batch_100_each', 16_000),
  barred('void', 54_700, commerce(54_786)),
  barred('reclaim', 52_000, commerce(54_854)),
  barred('refund_from_ledger', 62_000, commerce(71_169)),
  barred('capture_plus_settle_each', 21_000, commerce(27_477)),
  barred('settle_1_merchant_with_swap', 230_000, { name: 'Coinbase Commerce', gas: 217_029 }),
  barred('settle_extra_merchant_same_swap', 40_000),
  unbarred('capture_batch_100_of_many_payers_each'),
  unbarred('capture_plus_settle_by_merchant_each'),
  unbarred('capture_by_operator'),
  unbarred('capture_part'),
  unbarred('withdraw'),
  unbarred('authorize_erc3009_first'),
  unbarred('authorize_permit2_first'),
  unbarred('authorize_allowance_first'),
  unbarred('charge_erc3009_first'),
  unbarred('capture_first'),
  unbarred('void_first'),
  unbarred('reclaim_first'),
  unbarred('settle_1_merchant_with_swap_first'),
  unbarred('authorize_erc3009_guarded'),
  unbarred('authorize_permit2_guarded'),
  unbarred('authorize_allowance_guarded'),
  unbarred('charge_erc3009_guarded'),
  unbarred('capture_fiat_guarded'),
  unbarred('settle_1_merchant_with_swap_guarded'),
]
