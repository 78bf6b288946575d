import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readDemoOptions, readPorts, readStartOptions } from '../src/options.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'mati-options-'))
afterAll(() => rmSync(folder, { recursive: true }))

const valid = {
  id: '1',
  amount: '5',
  currency: 'USD',
  pay: { chain: 'A', token: 'WETH' },
  receive: { chain: 'B', token: 'USDC' },
}

function withInvoice(json: object) {
  const file = path.join(folder, 'invoice.json')
  writeFileSync(file, JSON.stringify(json))
  return readDemoOptions(['--invoice', file], {})
}

describe('readDemoOptions', () => {
  test('takes the example invoice by default', () => {
    const options = readDemoOptions([], {})
    expect(options).toMatchObject({ json: false, invoice: { id: '1017', due: 49_990_000_000_000_000_000n } })
  })

  test('asks for nothing but help', () => {
    expect(readDemoOptions(['--help'], {})).toBeNull()
    expect(readStartOptions(['--help'], {})).toBeNull()
  })

  test('rejects what is no option, and says where help is', () => {
    expect(() => readDemoOptions(['--bogus'], {})).toThrow("Unknown option '--bogus'")
    expect(() => readDemoOptions(['file.json'], {})).toThrow('Unexpected argument')
    expect(() => readStartOptions(['--json'], {})).toThrow("Unknown option '--json'")
  })

  test('rejects a file that cannot be read', () => {
    expect(() => readDemoOptions(['--invoice', path.join(folder, 'none.json')], {})).toThrow('Cannot read the invoice')
  })

  test.each([
    ['more than the pools can take', { amount: '10000.01' }, 'amount: the local pools are deep enough'],
    ['more than the pools can take, in a token', { amount: '4.1', currency: 'WETH' }, 'amount: the local pools'],
    ['a merchant it has no key of', { merchant: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' }, 'merchant: the demo'],
    ['less time than it needs', { captureWithin: '30s' }, 'captureWithin: the demo needs "60s"'],
  ])('rejects an invoice that asks for %s', (_, change, message) => {
    expect(() => withInvoice({ ...valid, ...change })).toThrow(message)
  })
})

describe('readPorts', () => {
  test('takes each from its own variable', () => {
    expect(readPorts({ MATI_PORT_KEEPER: '5000' })).toEqual({
      a: 8_545,
      b: 8_546,
      c: 8_547,
      indexer: 42_069,
      keeper: 5_000,
    })
  })

  test('rejects two that are the same', () => {
    expect(() => readPorts({ MATI_PORT_A: '8546' })).toThrow('are the same')
  })
})
