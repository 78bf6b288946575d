/**
 * Reads again until what was read belongs together: the queries of one answer are no snapshot, and between two of them a
 * block may be committed or taken back.
 * @throws Error with `reason` if it still does not after `tries`; whoever asked may ask again.
 */
export async function readTogether<T>(
  read: () => Promise<T>,
  { isTogether, reason, tries = 5 }: { isTogether: (value: T) => boolean; reason: string; tries?: number },
): Promise<T> {
  for (let left = tries; left > 0; left--) {
    const value = await read()
    if (isTogether(value)) return value
  }
  throw new Error(reason)
}
