/** What is drawn: the same for the same seed. */
import { createRandom } from '../../devnet/src/market.ts'

export type Random = {
  /** A whole number, both ends included. */
  whole: (least: number, most: number) => number
  /** An amount with digits down to the last, both ends included. */
  amount: (least: bigint, most: bigint) => bigint
  oneOf: <Item>(items: readonly Item[]) => Item
}

export function drawFrom(seed: number): Random {
  const next = createRandom(seed)
  const amount = (least: bigint, most: bigint) => {
    const drawn = BigInt(Math.floor(next() * 2 ** 32)) * 2n ** 32n + BigInt(Math.floor(next() * 2 ** 32))
    return least + (drawn * (most - least + 1n)) / 2n ** 64n
  }
  const whole = (least: number, most: number) => Number(amount(BigInt(least), BigInt(most)))
  return {
    whole,
    amount,
    oneOf(items) {
      const item = items[whole(0, items.length - 1)]
      if (item === undefined) throw new RangeError('There is nothing to draw from')
      return item
    },
  }
}
