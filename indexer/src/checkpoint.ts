/** Ponder's checkpoints (0.16): fixed numbers of decimal digits for timestamp, chain, block and what comes after. */
const TIMESTAMP_DIGITS = 10
const CHAIN_DIGITS = 16
const BLOCK_DIGITS = 16

export interface Checkpoint {
  chainId: number
  blockNumber: bigint
  /** Unix seconds. */
  timestamp: number
}

export function decodeCheckpoint(checkpoint: string): Checkpoint {
  const chain = TIMESTAMP_DIGITS + CHAIN_DIGITS
  return {
    timestamp: Number(checkpoint.slice(0, TIMESTAMP_DIGITS)),
    chainId: Number(checkpoint.slice(TIMESTAMP_DIGITS, chain)),
    blockNumber: BigInt(checkpoint.slice(chain, chain + BLOCK_DIGITS)),
  }
}
