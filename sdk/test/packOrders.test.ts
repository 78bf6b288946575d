import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type CaptureOrder, InvalidInputError, packOrders, type Payment, unpackOrders } from '@mati/sdk'
import { concat, type Hex, numberToHex, pad, size, slice } from 'viem'
import { describe, expect, test } from 'vitest'

/** `test/vectors/orders.json`, which forge packs and reads too. */
const file = path.resolve(import.meta.dirname, '../../test/vectors/orders.json')
const vector = JSON.parse(readFileSync(file, 'utf8')) as { packed: Hex }

const payment: Payment = {
  payer: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  merchant: '0x1111111111111111111111111111111111111111',
  token: '0x2222222222222222222222222222222222222222',
  maxAmount: 20600000000000000n,
  currency: '0x0000000000000000000000000000000000000348',
  due: 49_990000000000000000n,
  fallbackAmount: 0n,
  minFeeBps: 0,
  maxFeeBps: 25,
  feeReceiver: '0x3333333333333333333333333333333333333333',
  authorizeBy: 1795000000,
  captureAfter: 0,
  captureBy: 1795003600,
  autoCapture: true,
  arbiter: '0x0000000000000000000000000000000000000000',
  resolveBy: 0,
  defaultMerchantBps: 0,
  refundTo: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  invoice: pad('0xab'),
}
const part = {
  payment: { ...payment, invoice: pad('0xcd') },
  dueAmount: 20n * 10n ** 18n,
  feeBps: 25,
  isFinal: true,
} satisfies CaptureOrder
const orders: CaptureOrder[] = [{ payment }, part, part]

const change = (field: number, word: bigint): Hex =>
  concat([numberToHex(field, { size: 1 }), numberToHex(word, { size: 32 })])
const packed = (count: number, ...rest: Hex[]): Hex => concat([numberToHex(count, { size: 2 }), ...rest])

describe('orders of a batch', () => {
  test('are packed as the contracts read them', () => {
    expect(packOrders(orders)).toBe(vector.packed)
  })

  test('are read as they were packed, with what capture has by default', () => {
    expect(unpackOrders(vector.packed)).toEqual([
      { payment, dueAmount: payment.due, feeBps: 0, isFinal: false },
      part,
      part,
    ])
    expect(unpackOrders(packOrders([]))).toEqual([])
  })

  test('take a fifth where only the invoice differs', () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ payment: { ...payment, invoice: pad(numberToHex(i)) } }))
    expect(size(packOrders(many)) / 100).toBeLessThan((22 * 32) / 5)
  })

  test('are at most 65,535', () => {
    expect(() => packOrders(Array.from({ length: 65_536 }, () => part))).toThrow('65535 is the most')
  })

  test('cut anywhere are refused', () => {
    for (let length = 0; length < size(vector.packed); length++) {
      const cut = length === 0 ? '0x' : slice(vector.packed, 0, length)
      expect(() => unpackOrders(cut)).toThrow(InvalidInputError)
    }
  })

  test.each<[string, Hex, string]>([
    ['with something behind', concat([vector.packed, '0x00']), '1 bytes follow the last'],
    ['with a word that none has', packed(1, '0x01', change(22, 1n)), 'order 0 has no word 22'],
    ['final by halves', packed(1, '0x01', change(21, 2n)), 'order 0: '],
    ['with a merchant of more than 20 bytes', packed(2, '0x00', '0x01', change(7, 1n << 16n)), 'order 1: '],
    ['of no hex', 'orders' as Hex, 'no hex string'],
  ])('%s are refused', (_, data, message) => {
    expect(() => unpackOrders(data)).toThrow(message)
  })
})
