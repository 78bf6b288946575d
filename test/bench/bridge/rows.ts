/** What the bench of the bridge tells, and what it must keep. Pure. */

/** What was measured, in the unit of its row, by the row's name. */
export type Measurements = ReadonlyMap<string, number>

/** `most` and `least` may be equalled. */
export type Bar = { most: number } | { least: number } | { mostTimes: number; of: string }

export type BridgeRow = { name: string; unit: 'gas' | 'blocks' | 'per second'; bar: Bar | null }

const gas = (name: string, bar: Bar | null = null): BridgeRow => ({ name, unit: 'gas', bar })

export const bridgeRows: readonly BridgeRow[] = [
  gas('payout_send_1'),
  gas('payout_send_50_merchants', { mostTimes: 3, of: 'oft_send_compose_bare' }),
  gas('escrow_debit_50'),
  gas('gateway_send_50'),
  gas('payout_compose_1'),
  gas('payout_compose_50_each', { most: 12_000 }),
  gas('oft_send_bare'),
  gas('oft_send_compose_bare'),
  gas('oft_send_compose_bare_1'),
  { name: 'latency_p50_blocks', unit: 'blocks', bar: { most: 2 } },
  { name: 'deliveries_per_second', unit: 'per second', bar: { least: 150 } },
]

/**
 * The middle one of some values; between two of them their mean.
 * @throws RangeError if there are none.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  if (low === undefined || high === undefined) throw new RangeError('nothing was measured')
  return (low + high) / 2
}
