import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseSources } from '../ast.ts'
import { apply, type Mutant, mutantsOf, shuffle } from '../mutants.ts'

const root = mkdtempSync(path.join(tmpdir(), 'mati-mutation-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The mutants of a function's body. The comment before it makes characters and bytes differ. */
function mutate(body: string): { mutants: Mutant[]; bytes: Buffer } {
  const source = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
library Math { enum Rounding { Floor, Ceil } function min(uint256 a, uint256) internal pure returns (uint256) { return a; } }
// é € 𝟘: require(false); a < b
contract C {
  struct S { uint256 held; }
  uint256 public total;
  mapping(uint256 => S) internal states;
  event Done(uint256 a);
  function pay(uint256) internal {}
  function round(uint256, Math.Rounding) internal pure {}
  function f(uint256 a, uint256 b, bool ok, S memory s) external returns (uint256 c) {
    ${body}
  }
}`
  const file = 'C.sol'
  mkdirSync(root, { recursive: true })
  writeFileSync(path.join(root, file), source)
  const bytes = Buffer.from(source)
  const tree = parseSources(root, [file]).get(file)
  if (!tree) throw new Error('no tree')
  return { mutants: mutantsOf(file, tree, bytes), bytes }
}

const changes = (body: string) =>
  mutate(body).mutants.map(({ operator, original, mutated }) => `${operator}: ${original} => ${mutated}`)

describe('mutantsOf', () => {
  test('deletes a require, flips and shifts its comparison', () => {
    expect(changes('require(a < b, "a < b");')).toEqual([
      'delete-require: require(a < b, "a < b"); => {}',
      'shift-boundary: a < b => a <= b',
      'flip-comparison: a < b => a >= b',
    ])
  })

  test('swaps operands in parentheses, and replaces the operator', () => {
    expect(changes('c = a - b;')).toEqual(['swap-operands: a - b => (b) - (a)', 'replace-arithmetic: a - b => a + b'])
  })

  test('moves a number by one, but zero only up', () => {
    expect(changes('c = 7; c = 0;')).toEqual([
      'off-by-one: 7 => (7 + 1)',
      'off-by-one: 7 => (7 - 1)',
      'off-by-one: 0 => (0 + 1)',
    ])
  })

  test('keeps a replaced && together where it is part of a larger condition', () => {
    expect(changes('ok = a == b && ok || ok;')).toContain('replace-logic: a == b && ok => (a == b || ok)')
  })

  test('negates a condition that is no comparison', () => {
    expect(changes('if (ok) return a;')).toEqual(['negate-condition: ok => !(ok)'])
  })

  test('skips writes to storage and to structures, and no others', () => {
    expect(
      changes('total = a; s.held = b; delete states[a]; c = a;').filter((change) => change.includes('skip')),
    ).toEqual(['skip-write: total = a; => {}', 'skip-write: s.held = b; => {}', 'skip-write: delete states[a]; => {}'])
  })

  test('skips calls made for their effect, and emits nothing less', () => {
    expect(changes('pay(a); emit Done(a);')).toEqual(['skip-call: pay(a); => {}'])
  })

  test('leaves the step of a loop, which would never end', () => {
    expect(changes('for (; a < b; ++a) {}').map((change) => change.split(':')[0])).toEqual([
      'shift-boundary',
      'flip-comparison',
    ])
  })

  test('exchanges min and max, and rounds down instead of up', () => {
    expect(changes('c = Math.min(a, b);')).toEqual(['swap-min-max: Math.min => Math.max'])
    expect(changes('round(a, Math.Rounding.Ceil);')).toContain('drop-ceil: Math.Rounding.Ceil => Math.Rounding.Floor')
  })

  test('gives equal changes in one function ids of their own', () => {
    const { mutants } = mutate('pay(a); pay(a);')
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
  })

  test('keeps ids when code elsewhere moves', () => {
    const [moved] = mutate('c = b;\n\n    pay(a);').mutants
    const [unmoved] = mutate('pay(a);').mutants
    expect(moved?.id).toBe(unmoved?.id)
    expect(moved?.line).not.toBe(unmoved?.line)
  })
})

describe('apply', () => {
  test('counts bytes: what stands before in other alphabets moves nothing', () => {
    const { mutants, bytes } = mutate('c = a - b;')
    const [swap] = mutants
    if (!swap) throw new Error('no mutant')
    expect(apply(swap, bytes).toString()).toBe(bytes.toString().replace('c = a - b;', 'c = (b) - (a);'))
  })
})

describe('shuffle', () => {
  const mutants = mutate('pay(a); pay(b); c = a - b; c = 7; require(a < b);').mutants

  test('is decided by the seed alone', () => {
    expect(shuffle(mutants, 1)).toEqual(shuffle(mutants, 1))
    expect(shuffle(mutants, 1)).not.toEqual(shuffle(mutants, 2))
  })

  test('loses no mutant', () => {
    expect(new Set(shuffle(mutants, 1))).toEqual(new Set(mutants))
  })
})
