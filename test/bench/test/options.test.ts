import { describe, expect, test } from 'vitest'
import { help, readOptions } from '../options.ts'

describe('readOptions', () => {
  test('only measures unless asked for more', () => {
    expect(readOptions(['gas'])).toEqual({ bench: 'gas', check: false, update: false, json: false })
    expect(readOptions(['gas', '--check', '--json'])).toEqual({ bench: 'gas', check: true, update: false, json: true })
  })

  test.each([[[]], [['--help']], [['gas', '--help']]])('has only help for %j', (args) => {
    expect(readOptions(args)).toBeNull()
  })

  test.each([[['speed']], [['toString']], [['gas', 'gas']], [['gas', '--what']]])('rejects %j with help', (args) => {
    expect(() => readOptions(args)).toThrow(help)
  })

  test('rejects to check what it writes', () => {
    expect(() => readOptions(['gas', '--check', '--update'])).toThrow('Either')
  })
})
