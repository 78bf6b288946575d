/** A ledger balance's mean time of arrival, as the escrow keeps it. */
export interface Balance {
  balance: bigint
  /** Unix seconds. */
  since: number
}

/** The mean after a credit, weighted by amount, to the nearest second: dust leaves it as it is. */
export function meanSince({ balance, since }: Balance, credit: { amount: bigint; timestamp: number }): number {
  const total = balance + credit.amount
  const weighted = BigInt(since) * balance + BigInt(credit.timestamp) * credit.amount
  return Number((weighted + total / 2n) / total)
}
