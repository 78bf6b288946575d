import { describe, expect, test, vi } from 'vitest'
import { readTogether } from '../src/api/read-together.ts'

const isTogether = (value: string) => value === 'whole'

describe('readTogether', () => {
  test('reads again until nothing is torn', async () => {
    const read = vi.fn<() => Promise<string>>().mockResolvedValueOnce('torn').mockResolvedValue('whole')
    expect(await readTogether(read, { isTogether, reason: 'torn' })).toBe('whole')
    expect(read).toHaveBeenCalledTimes(2)
  })

  test('never answers what stays torn', async () => {
    const read = vi.fn<() => Promise<string>>().mockResolvedValue('torn')
    await expect(readTogether(read, { isTogether, reason: 'it is torn', tries: 3 })).rejects.toThrow('it is torn')
    expect(read).toHaveBeenCalledTimes(3)
  })
})
