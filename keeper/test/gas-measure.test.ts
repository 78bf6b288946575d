import { describe, expect, test } from 'vitest'
import { createGasMeasure } from '../src/jobs/gas-measure.ts'

describe('createGasMeasure', () => {
  test('expects of others what the latest estimate tells, and a little more', () => {
    const measure = createGasMeasure(() => 0)
    expect([measure.expect(1_000n), measure.hintsWithin(1_000n)]).toEqual([undefined, undefined])
    measure.note(1_000n, 900n)
    measure.note(1_000n, 400n)
    expect(measure.expect(2_000n)).toBe(840n)
    expect(measure.hintsWithin(840n)).toBe(2_000n)
  })

  test('knows nothing any more after a minute, or once it was not enough', () => {
    let now = 0
    const measure = createGasMeasure(() => now)
    measure.note(1_000n, 400n)
    now = 59_999
    expect(measure.expect(1_000n)).toBe(420n)
    now = 60_000
    expect(measure.expect(1_000n)).toBeUndefined()
    measure.note(1_000n, 400n)
    measure.forget()
    expect(measure.expect(1_000n)).toBeUndefined()
  })
})
