import { describe, expect, test } from 'vitest'
import { createPatience, nextMemory } from '../src/patience.ts'

describe('nextMemory', () => {
  test('pauses longer with each time in a row, up to a limit', () => {
    let memory = nextMemory(undefined, 'retryable', 0)
    expect(memory).toEqual({ runClass: 'retryable', times: 1, untilMs: 1_000 })
    memory = nextMemory(memory, 'retryable', 0)
    expect(memory.untilMs).toBe(2_000)
    for (let i = 0; i < 20; i++) memory = nextMemory(memory, 'retryable', 0)
    expect(memory.untilMs).toBe(60_000)
  })

  test('begins anew with another outcome', () => {
    const failing = nextMemory(nextMemory(undefined, 'retryable', 0), 'retryable', 0)
    expect(nextMemory(failing, 'later', 5_000)).toEqual({ runClass: 'later', times: 1, untilMs: 6_000 })
  })

  test('looks rarely at what cannot be helped', () => {
    expect(nextMemory(undefined, 'permanent', 0).untilMs).toBe(30_000)
  })
})

describe('createPatience', () => {
  test('allows what it does not know, and what has waited', () => {
    let now = 0
    const patience = createPatience(() => now)
    expect(patience.allows('a')).toBe(true)
    patience.note('a', 'done')
    expect(patience.allows('a')).toBe(false)
    expect(patience.allows('b')).toBe(true)
    now = 2_000
    expect(patience.allows('a')).toBe(true)
  })
})
