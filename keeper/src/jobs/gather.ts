/** Puts together what is asked for at nearly the same moment, so that it can be done at once. */

export type GatherOptions = {
  /** How long the first one waits for others. */
  waitMs: number
  /** So many do not wait any longer. */
  atMost: number
}

type Waiting<Item, Result> = { item: Item; settle: (result: PromiseSettledResult<Result>) => void }

/**
 * @param doTogether What is done with all of them: one result each, in the order of the items.
 * @returns Waits for others, and then for its own result.
 */
export function createGatherer<Item, Result>(
  doTogether: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>,
  { waitMs, atMost }: GatherOptions,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = []
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    const together = waiting
    waiting = []
    doTogether(together.map(({ item }) => item)).then(
      (results) => together.forEach(({ settle }, i) => settle(results[i] ?? failed(new RangeError('no result')))),
      (reason: unknown) => together.forEach(({ settle }) => settle(failed(reason))),
    )
  }

  return (item) =>
    new Promise((resolve, reject) => {
      const settle = (result: PromiseSettledResult<Result>) =>
        result.status === 'fulfilled' ? resolve(result.value) : reject(result.reason as Error)
      waiting.push({ item, settle })
      if (waiting.length >= atMost) flush()
      else if (waiting.length === 1) timer = setTimeout(flush, waitMs)
    })
}

export function failed(reason: unknown): PromiseRejectedResult {
  return { status: 'rejected', reason }
}
