import { numberToHex } from 'viem'
import { control, type ChainClient } from './client.ts'

// Chains start in the past, so that pools and feeds get a history, and mine many times a second. They are led to the
// present step by step, and then mine by the clock.

/** Sets the time (seconds since 1970) of the next block; from there on a chain's clock runs at the usual speed. */
export async function setNextBlockTime(client: ChainClient, seconds: number): Promise<void> {
  await control(client, 'evm_setNextBlockTimestamp', seconds)
}

/** Sets a chain's clock to the wall's, and mines a block every `blockSeconds` from now on. */
export async function joinPresent(client: ChainClient, blockSeconds: number, now: number): Promise<void> {
  await control(client, 'evm_setTime', now)
  await control(client, 'evm_mine')
  await control(client, 'evm_setIntervalMining', blockSeconds)
}

/** One gwei. */
export const baseFee = 1_000_000_000n

/** An idle chain's base fee falls to a few wei within minutes; this lifts the next block's to what others' blocks cost. */
export async function liftBaseFee(client: ChainClient): Promise<void> {
  await control(client, 'anvil_setNextBlockBaseFeePerGas', numberToHex(baseFee))
}
