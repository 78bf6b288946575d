import { parsePathways, readPathways } from '@mati/contracts/script/config'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { at, declare, named, plain } from './samples.ts'

const [ada, bob, cy] = [at(0x111), at(0x112), at(0x113)]
const changed = (changes: object) => [{ ...named, ...changes }]

describe('parsePathways', () => {
  test('takes the example', () => {
    const example = path.resolve(import.meta.dirname, '../../../contracts/config/pathways.example.json')
    expect(readPathways(example)).toHaveLength(1)
  })

  test.each([
    ['one operator', { requiredDvns: ['Ada'] }, /two operators at least/],
    ['one named twice', { requiredDvns: ['Ada', 'Ada'] }, /"Ada" is named twice/],
    ['one required and optional', { optionalDvns: ['Ada'] }, /"Ada" is named twice/],
    ['one without an address', { requiredDvns: ['Ada', 'Dan'] }, /chain 1 has no address in dvns for Dan/],
    ['optional ones alone', { requiredDvns: undefined }, /requiredDvns is missing/],
    ['no threshold', { optionalThreshold: undefined }, /optionalThreshold/],
    ['a threshold without DVNs', { optionalDvns: undefined }, /optionalThreshold/],
    ['a threshold out of reach', { optionalThreshold: 2 }, /2 of 1 operators can never/],
    ['gas below what was measured', { sendGas: 124_999 }, /sendGas/],
    ['one chain twice', { ends: [named.ends[0], named.ends[0]] }, /both ends are the same chain/],
    [
      'one address under two names',
      { ends: named.ends.map((end) => ({ ...end, dvns: { ...end.dvns, Cy: end.dvns.Ada } })) },
      /chain 1 has the DVN 0x\S+ under two names/,
    ],
  ])('refuses %s', (_, changes, says) => {
    expect(() => parsePathways(changed(changes))).toThrow(says)
  })

  test('refuses two pathways between the same chains, whichever comes first', () => {
    const back = { ...named, ends: named.ends.toReversed() }
    expect(() => parsePathways([named, back])).toThrow(/chains 1 and 2 are joined twice/)
  })
})

describe('declareEnd', () => {
  test('sorts the named DVNs and waits for blocks of the chain that a message comes from', () => {
    const { sent, received } = declare()
    const dvns = {
      requiredDVNCount: 2,
      optionalDVNCount: 1,
      optionalDVNThreshold: 1,
      requiredDVNs: [ada, bob],
      optionalDVNs: [cy],
    }
    expect(sent).toEqual({ ...dvns, confirmations: 15n })
    expect(received).toEqual({ ...dvns, confirmations: 20n })
  })

  test("requires all of the chain's DVNs, and literally no other, where nobody is named", () => {
    expect(declare(plain).sent).toMatchObject({
      requiredDVNs: [ada, bob],
      optionalDVNCount: 255,
      optionalDVNThreshold: 0,
      optionalDVNs: [],
    })
  })
})
