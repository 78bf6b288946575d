import { describe, expect, test } from 'vitest'
import { MatiError } from '@mati/sdk'
import { help, readOptions } from '../options.ts'

function errorOf(args: readonly string[]): MatiError {
  try {
    readOptions(args)
  } catch (error) {
    if (error instanceof MatiError) return error
    throw error
  }
  throw new Error('the command line was accepted')
}

describe('readOptions', () => {
  test('has a default for everything, and tells it', () => {
    expect(readOptions([])).toEqual({ seed: 1, payments: 300, sends: 80, faults: 5 })
    for (const told of ['(default 1)', '(default 300)', '(default 80)', '(default 5)']) expect(help).toContain(told)
  })

  test('reads what is given, zero included', () => {
    const args = ['--seed', '7', '--payments=0', '--sends', '2', '--faults', '3']
    expect(readOptions(args)).toEqual({ seed: 7, payments: 0, sends: 2, faults: 3 })
  })

  test('asks for nothing but help', () => {
    expect(readOptions(['--help', '--seed', 'x'])).toBeNull()
  })

  test.each(['x', '-1', '1.5', '1e3', '0x10', '', '1234567890'])('rejects %j for a number, and says why', (value) => {
    const { code, message, action } = errorOf([`--payments=${value}`])
    expect({ code, message, action }).toEqual({
      code: 'BAD_ARGUMENTS',
      message: `--payments is no whole number: ${value}`,
      action: 'Pass a whole number of at most nine digits, such as --payments 300.',
    })
  })

  test('rejects what it does not know, and says where help is', () => {
    expect(errorOf(['--bogus']).message).toBe("Unknown option '--bogus'")
    expect(errorOf(['7']).message).toContain("Unexpected argument '7'")
    expect(errorOf(['--seed']).message).toContain("'--seed <value>' argument missing")
    expect(errorOf(['--bogus']).action).toBe('See `npm run test:crossing -- --help`.')
  })
})
