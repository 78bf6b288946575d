import { encodePath } from '@mati/sdk'
import { describe, expect, test } from 'vitest'
import { findPaths } from '../src/routes/paths.ts'
import { address } from './support/views.ts'

const [weth, mati, usdc, dai] = [address(1), address(2), address(3), address(4)]

describe('findPaths', () => {
  test('finds every pool of the pair, whichever way round it lies', () => {
    const pools = [
      { tokenA: weth, tokenB: usdc, fee: 500 },
      { tokenA: usdc, tokenB: weth, fee: 3_000 },
    ]
    expect(findPaths(pools, weth, usdc)).toEqual([encodePath([weth, usdc], [500]), encodePath([weth, usdc], [3_000])])
  })

  test('goes over a third token, with each pair of fees', () => {
    const pools = [
      { tokenA: weth, tokenB: mati, fee: 500 },
      { tokenA: weth, tokenB: mati, fee: 3_000 },
      { tokenA: usdc, tokenB: mati, fee: 500 },
    ]
    expect(findPaths(pools, weth, usdc)).toEqual([
      encodePath([weth, mati, usdc], [500, 500]),
      encodePath([weth, mati, usdc], [3_000, 500]),
    ])
  })

  test('goes no further than over two pools, and never back', () => {
    const pools = [
      { tokenA: weth, tokenB: mati, fee: 500 },
      { tokenA: mati, tokenB: dai, fee: 500 },
      { tokenA: dai, tokenB: usdc, fee: 500 },
    ]
    expect(findPaths(pools, weth, usdc)).toEqual([])
    expect(findPaths(pools, weth, mati)).toEqual([encodePath([weth, mati], [500])])
  })

  test('does not mind how an address is written', () => {
    const pools = [{ tokenA: '0x00000000000000000000000000000000000000AB', tokenB: usdc, fee: 500 }] as const
    expect(findPaths(pools, '0x00000000000000000000000000000000000000ab', usdc)).toHaveLength(1)
  })
})
