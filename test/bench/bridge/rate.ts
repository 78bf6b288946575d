/** How fast deliveries went, from the blocks they were mined in. Pure. */
import { BenchError } from '../error.ts'
import { median } from './rows.ts'

/** The block that credited a message, and when it was seen. */
export type Credited = { block: bigint; ms: number }

/**
 * Deliveries per second between the first and the last block with one: those of the first are not counted, since when
 * work on them began no block tells.
 * @throws BenchError if all were credited in one block, or one in a block that was not seen.
 */
export function rateOf(credited: readonly Credited[]) {
  const perBlock = new Map<bigint, { ms: number; count: number }>()
  for (const { block, ms } of credited) {
    if (Number.isNaN(ms)) throw new BenchError(`Block ${block} was not seen.`)
    perBlock.set(block, { ms, count: (perBlock.get(block)?.count ?? 0) + 1 })
  }
  const blocks = [...perBlock].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const [first, last] = [blocks[0], blocks.at(-1)]
  if (!first || !last || first === last) throw new BenchError('What was credited in one block has no rate.')
  const perSecond = ((credited.length - first[1].count) * 1_000) / (last[1].ms - first[1].ms)
  return {
    perSecond,
    blocks: Number(last[0] - first[0]) + 1,
    inEach: median(blocks.map(([, { count }]) => count)),
  }
}
