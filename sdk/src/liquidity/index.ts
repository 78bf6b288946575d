/** Uniswap v3 liquidity, which is what settlements convert against. Node only: see `uniswap.ts`. */
export * from './addPosition.ts'
export * from './collectFees.ts'
export * from './getPool.ts'
export * from './getPosition.ts'
