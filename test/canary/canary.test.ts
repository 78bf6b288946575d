import { expect, test } from 'vitest'

test('must fail: `npm run canary` proves that a failing vitest fails the run', () => {
  expect('canary').toBe('dead')
})
