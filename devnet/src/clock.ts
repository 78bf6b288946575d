import { setTimeout as sleep } from 'node:timers/promises'
import { numberToHex } from 'viem'
import { control, type ChainClient } from './client.ts'

// Chains start in the past, so that pools and feeds get a history, and mine block after block. They are led to the
// present step by step, and then mine by the clock.

/** So short that hardly anything waits. */
const setupPauseMs = 20

export interface Mining {
  /** Resolves when the last block is mined. May be called more than once. */
  stop(): Promise<void>
}

/**
 * Mines block after block, a pause after each. Never by anvil's own clock at that pace: on a busy machine its blocks
 * fall behind their times, every one picks its transactions when it was due, and what is sent waits ever longer. Nor a
 * block per transaction: that leaves nonces lying that came too early.
 */
export function startMining(client: ChainClient, pauseMs: number = setupPauseMs): Mining {
  const ending = new AbortController()
  const mine = async () => {
    while (!ending.signal.aborted) {
      // A chain that does not answer has died, which `Anvil.died` tells, or answers the next time.
      await control(client, 'evm_mine').catch(() => undefined)
      await sleep(pauseMs)
    }
  }
  const mined = mine()
  return {
    stop() {
      ending.abort()
      return mined
    },
  }
}

/** Sets the time (seconds since 1970) of the next block; from there on a chain's clock runs at the usual speed. */
export async function setNextBlockTime(client: ChainClient, seconds: number): Promise<void> {
  await control(client, 'evm_setNextBlockTimestamp', seconds)
}

/**
 * Sets a chain's clock to the wall's, and mines a block every `blockSeconds` from now on: parts of seconds, which anvil's
 * own clock does not know, are paused between two blocks, beside what each takes to be mined.
 */
export async function joinPresent(client: ChainClient, blockSeconds: number, now: number): Promise<Mining> {
  await control(client, 'evm_setTime', now)
  await control(client, 'evm_mine')
  if (Number.isInteger(blockSeconds)) {
    await control(client, 'evm_setIntervalMining', blockSeconds)
    return { stop: () => Promise.resolve() }
  }
  return startMining(client, blockSeconds * 1_000)
}

/** One gwei. */
export const baseFee = 1_000_000_000n

/** An idle chain's base fee falls to a few wei within minutes; this lifts the next block's to what others' blocks cost. */
export async function liftBaseFee(client: ChainClient): Promise<void> {
  await control(client, 'anvil_setNextBlockBaseFeePerGas', numberToHex(baseFee))
}
