import { readFileSync } from 'node:fs'
import path from 'node:path'
import { InvalidInputError, parseInvoice } from '@mati/sdk'
import { describe, expect, test } from 'vitest'
import { hashInvoice } from '../src/invoice.ts'

const tokens = [
  { symbol: 'WETH', decimals: 18 },
  { symbol: 'USDC', decimals: 6 },
]
const chains = [
  { name: 'A', tokens },
  { name: 'B', tokens },
]
const valid = {
  id: '1017',
  amount: '49.99',
  currency: 'USD',
  pay: { chain: 'A', token: 'WETH' },
  receive: { chain: 'B', token: 'USDC' },
}
const parse = (invoice: unknown) => parseInvoice(JSON.stringify(invoice), { chains })

function issuesOf(text: string): readonly string[] {
  try {
    parseInvoice(text, { chains })
  } catch (error) {
    if (error instanceof InvalidInputError && error.code === 'INVOICE_INVALID') return error.issues
    throw error
  }
  return []
}

describe('parseInvoice', () => {
  test('reads an invoice, with defaults for what it leaves open', () => {
    expect(parse(valid)).toEqual({
      id: '1017',
      due: 49_990_000_000_000_000_000n,
      currency: 'USD',
      currencyDecimals: 18,
      pay: { chain: 'A', token: 'WETH' },
      receive: { chain: 'B', token: 'USDC' },
      merchant: null,
      authorizeWithinSeconds: 900,
      captureWithinSeconds: 3_600,
      marginBps: 300,
      autoCapture: false,
    })
  })

  test('reads everything an invoice can say', () => {
    const full = {
      ...valid,
      amount: '1.234567',
      currency: 'USDC',
      merchant: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
      authorizeWithin: '90s',
      captureWithin: '2d',
      marginBps: 50,
      autoCapture: true,
    }
    expect(parse(full)).toEqual({
      id: '1017',
      due: 1_234_567n,
      currency: 'USDC',
      currencyDecimals: 6,
      pay: { chain: 'A', token: 'WETH' },
      receive: { chain: 'B', token: 'USDC' },
      merchant: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      authorizeWithinSeconds: 90,
      captureWithinSeconds: 172_800,
      marginBps: 50,
      autoCapture: true,
    })
  })

  test('gives a payer no longer than the merchant has', () => {
    expect(parse({ ...valid, captureWithin: '1m' }).authorizeWithinSeconds).toBe(60)
  })

  test('reads the example', () => {
    const text = readFileSync(path.resolve(import.meta.dirname, '../../examples/invoice.json'), 'utf8')
    expect(parseInvoice(text, { chains }).id).toBe('1017')
  })

  const bad: [what: string, invoice: unknown, issue: string | RegExp][] = [
    ['a number for JSON', 3, 'it must be a JSON object; see examples/invoice.json'],
    ['an array', [], 'it must be a JSON object; see examples/invoice.json'],
    ['no id', { ...valid, id: undefined }, 'id: is missing; add it'],
    ['an empty id', { ...valid, id: '' }, 'id: must not be empty'],
    ['no amount', { ...valid, amount: undefined }, 'amount: is missing; add it'],
    ['an amount as a number', { ...valid, amount: 49.99 }, 'amount: must be a decimal in quotes, such as "49.99"'],
    ['a negative amount', { ...valid, amount: '-1' }, /^amount: "-1" is negative/],
    ['zero', { ...valid, amount: '0.00' }, 'amount: it is zero; an invoice asks for something'],
    ['an exponent', { ...valid, amount: '1e3' }, 'amount: "1e3" is no plain decimal; write it like "49.99"'],
    ['a comma', { ...valid, amount: '1,000' }, /^amount: "1,000" is no plain decimal/],
    ['hex', { ...valid, amount: '0x10' }, /^amount: "0x10" is no plain decimal/],
    ['an empty amount', { ...valid, amount: '' }, /^amount: "" is no plain decimal/],
    ['31 digits', { ...valid, amount: '1'.repeat(31) }, 'amount: it has 31 digits; write at most 30'],
    ['more than fits', { ...valid, amount: '1'.repeat(30) }, /^amount: "1+" is more than a payment can hold$/],
    ['three decimals of a dollar', { ...valid, amount: '1.001' }, 'amount: "1.001" has 3 decimals; USD has at most 2'],
    [
      'seven decimals of USDC',
      { ...valid, currency: 'USDC', amount: '1.0000001' },
      'amount: "1.0000001" has 7 decimals; USDC has at most 6',
    ],
    ['a currency', { ...valid, currency: 'XAU' }, 'currency: "XAU" is unknown; use one of USD, WETH, USDC'],
    ['a chain', { ...valid, pay: { chain: 'C', token: 'WETH' } }, 'pay.chain: "C" is unknown; use one of A, B'],
    [
      'a token',
      { ...valid, receive: { chain: 'B', token: 'DOGE' } },
      'receive.token: "DOGE" is unknown on chain B; use one of WETH, USDC',
    ],
    ['a merchant', { ...valid, merchant: '0x12' }, 'merchant: must be an address: 0x and 40 hex digits'],
    ['a deadline that is over', { ...valid, captureWithin: '-1h' }, /^captureWithin: "-1h" is over already/],
    ['a deadline of zero', { ...valid, captureWithin: '0s' }, /^captureWithin: "0s" is over already/],
    ['too short a deadline', { ...valid, captureWithin: '5s' }, /^captureWithin: "5s" is too short/],
    ['too long a deadline', { ...valid, captureWithin: '91d' }, /^captureWithin: "91d" is too long/],
    ['words for a deadline', { ...valid, authorizeWithin: 'soon' }, /^authorizeWithin: "soon" is no duration/],
    ['seconds without a unit', { ...valid, captureWithin: 3600 }, 'captureWithin: must be text in quotes'],
    [
      'a payer given longer',
      { ...valid, authorizeWithin: '2h' },
      /^authorizeWithin: "2h" is longer than captureWithin/,
    ],
    ['a broken margin', { ...valid, marginBps: 1.5 }, /^marginBps: must be a whole number of basis points/],
    ['a huge margin', { ...valid, marginBps: 5_001 }, 'marginBps: must be at most 5000 (50%)'],
    ['an unknown key', { ...valid, tip: 1 }, /^tip: unknown; the keys are id, amount, currency/],
    [
      'an unknown key within',
      { ...valid, pay: { ...valid.pay, memo: 1 } },
      'pay.memo: unknown; the keys are chain, token',
    ],
  ]
  test.each(bad)('rejects %s', (_, invoice, issue) => {
    expect(issuesOf(JSON.stringify(invoice)).join('\n')).toMatch(issue)
  })

  test('rejects what is no JSON, and says so', () => {
    expect(issuesOf('{"id": 1017')).toEqual([
      expect.stringMatching(/^it is no JSON \(.+\); see examples\/invoice\.json/),
    ])
  })

  test('rejects what is too long to be an invoice before reading it', () => {
    expect(issuesOf(' '.repeat(65_537))).toEqual(['it has 65537 characters; an invoice has at most 65536'])
  })

  test('tells all that is wrong at once, a line each', () => {
    const issues = issuesOf(JSON.stringify({ ...valid, amount: '-3', captureWithin: 'soon', currency: 'XAU' }))
    expect(issues.map((issue) => issue.split(':')[0])).toEqual(['currency', 'amount', 'captureWithin'])
    expect(issues.every((issue) => !issue.includes('\n'))).toBe(true)
  })

  test('tells what is said wrongly beside what has the wrong shape', () => {
    const invoice = {
      ...valid,
      id: undefined,
      amount: '0.001',
      currency: 'XAU',
      pay: { chain: 'A', token: 'DOGE', memo: 1 },
      receive: { chain: 'C' },
      authorizeWithin: '2h',
      marginBps: '300',
      tip: 1,
    }
    const issues = issuesOf(JSON.stringify(invoice))
    expect(issues.map((issue) => issue.split(/[;,] /)[0])).toEqual([
      'id: is missing',
      'pay.memo: unknown',
      'receive.token: is missing',
      'marginBps: must be a whole number of basis points',
      'tip: unknown',
      'pay.token: "DOGE" is unknown on chain A',
      'receive.chain: "C" is unknown',
      'currency: "XAU" is unknown',
      'authorizeWithin: "2h" is longer than captureWithin',
    ])
  })

  test('tells all that is wrong with an amount, and no more of what hangs on what is unknown', () => {
    expect(issuesOf(JSON.stringify({ ...valid, amount: '0.000' }))).toEqual([
      'amount: it is zero; an invoice asks for something',
      'amount: "0.000" has 3 decimals; USD has at most 2',
    ])
    const elsewhere = { ...valid, amount: '1.0000000001', currency: 'WETH', pay: { chain: 'C', token: 'WETH' } }
    expect(issuesOf(JSON.stringify(elsewhere))).toEqual(['pay.chain: "C" is unknown; use one of A, B'])
  })

  test('tells a wrong time of the payer beside anything else', () => {
    const issues = issuesOf(JSON.stringify({ ...valid, currency: 'XAU', authorizeWithin: '2h' }))
    expect(issues.map((issue) => issue.split(':')[0])).toEqual(['currency', 'authorizeWithin'])
  })
})

describe('hashInvoice', () => {
  test('is the same for the same values, however they are spelled', () => {
    expect(hashInvoice(parse({ ...valid, amount: '0049.99' }))).toBe(hashInvoice(parse({ ...valid, amount: '49.99' })))
  })

  test('changes with every value that names the invoice', () => {
    const others = [
      { ...valid, id: '1018' },
      { ...valid, amount: '50' },
      { ...valid, receive: { chain: 'A', token: 'USDC' } },
      { ...valid, pay: { chain: 'A', token: 'USDC' } },
      { ...valid, merchant: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266' },
    ]
    expect(new Set([valid, ...others].map((invoice) => hashInvoice(parse(invoice)))).size).toBe(6)
  })
})
