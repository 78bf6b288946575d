import { concat, encodePacked, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { decodeExecutorOptions } from '../src/options.ts'

const type3: Hex = '0x0003'
const receiver = '0x00000000000000000000000000000000000000AA'

function option(type: number, value: Hex, workerId = 1): Hex {
  return encodePacked(['uint8', 'uint16', 'uint8', 'bytes'], [workerId, (value.length - 2) / 2 + 1, type, value])
}
const receiveGas = (gas: bigint) => option(1, encodePacked(['uint128'], [gas]))

describe('decodeExecutorOptions', () => {
  test('adds up the gas and value of lzReceive', () => {
    const withValue = option(1, encodePacked(['uint128', 'uint128'], [50_000n, 7n]))
    const { lzReceive } = decodeExecutorOptions(concat([type3, receiveGas(200_000n), withValue]))
    expect(lzReceive).toEqual({ gas: 250_000n, value: 7n })
  })

  test('keeps lzCompose apart by index', () => {
    const first = option(3, encodePacked(['uint16', 'uint128'], [0, 100_000n]))
    const second = option(3, encodePacked(['uint16', 'uint128', 'uint128'], [1, 300_000n, 9n]))
    const { lzCompose } = decodeExecutorOptions(concat([type3, first, second, first]))
    expect([...lzCompose]).toEqual([
      [0, { gas: 200_000n, value: 0n }],
      [1, { gas: 300_000n, value: 9n }],
    ])
  })

  test('reads native drops', () => {
    const drop = option(2, encodePacked(['uint128', 'bytes12', 'address'], [5n, `0x${'00'.repeat(12)}`, receiver]))
    const [dropped] = decodeExecutorOptions(concat([type3, drop])).nativeDrops
    expect(dropped).toEqual({ amount: 5n, receiver: receiver.toLowerCase() })
  })

  test('passes over the options of DVNs', () => {
    const ofDvn = option(1, '0x00', 2)
    const { lzReceive } = decodeExecutorOptions(concat([type3, ofDvn, receiveGas(1n), ofDvn]))
    expect(lzReceive).toEqual({ gas: 1n, value: 0n })
  })

  test('finds nothing in no options or in older types', () => {
    const nothing = { lzReceive: { gas: 0n, value: 0n }, lzCompose: new Map(), nativeDrops: [] }
    expect(decodeExecutorOptions('0x')).toEqual(nothing)
    expect(decodeExecutorOptions(encodePacked(['uint16', 'uint256'], [1, 200_000n]))).toEqual(nothing)
  })
})
