/** What calls took by a node's latest estimate, beside what they were thought to take: for others like them. */

/** How long an estimate counts: prices that rollups put into it change. */
const KEEP_MS = 60_000
/** Percent of what the estimate tells, since no two messages take quite the same. */
const SLACK = 105n

export type GasMeasure = {
  /** Gas that what has this hint should take. Here and below, undefined where nothing is known. */
  expect(hint: bigint): bigint | undefined
  /** The hint of what should take no more than this gas, rounded down. */
  hintsWithin(gas: bigint): bigint | undefined
  note(hint: bigint, estimate: bigint): void
  /** It was not enough. */
  forget(): void
}

/** @param clock Milliseconds; only differences count. */
export function createGasMeasure(clock: () => number): GasMeasure {
  let last: { hint: bigint; estimate: bigint; ms: number } | undefined
  const known = () => (last && clock() - last.ms < KEEP_MS ? last : undefined)
  return {
    expect(hint) {
      const measured = known()
      return measured && (hint * measured.estimate * SLACK) / (measured.hint * 100n)
    },
    hintsWithin(gas) {
      const measured = known()
      return measured && (gas * measured.hint * 100n) / (measured.estimate * SLACK)
    },
    note(hint, estimate) {
      last = { hint, estimate, ms: clock() }
    },
    forget() {
      last = undefined
    },
  }
}
