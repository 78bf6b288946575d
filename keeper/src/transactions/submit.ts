import { MatiError } from '@mati/sdk'
import type { Address, Hex } from 'viem'
import type { Chain } from '../chains.ts'
import type { Outcome } from '../jobs/job.ts'
import { type ExpectedOutcome, orExpected } from './expected.ts'

/**
 * Percent of what a call takes. Contracts measure the gas they are given (a transfer to a recipient must not fail for want
 * of it), and state moves between estimate and block.
 */
export const GAS_MARGIN = 125n

/** The most gas that a transaction may have where that is least: EIP-7825. What asks for more would wait forever. */
export const TRANSACTION_GAS = 2n ** 24n

export type Call = {
  /** Names the effect within the chain. */
  key: string
  to: Address
  data: Hex
  /** Wei. */
  value?: bigint
  /** What it is known to take: then it is not estimated, which would simulate it. */
  gas?: bigint
  /** Gas to be given beyond the estimate and its margin. */
  spareGas?: bigint
  signal: AbortSignal
}

/** Simulates a call. @returns The gas that it takes, or what its revert means where that was to be expected */
export function estimate(chain: Chain, call: Pick<Call, 'to' | 'data' | 'value'>): Promise<bigint | ExpectedOutcome> {
  return orExpected(chain.client.estimateGas({ account: chain.signer, ...call }))
}

/**
 * Simulates a call, and sends it if it would succeed.
 * @returns `nothing` or `later` where a revert was to be expected, before or after sending
 * @throws MatiError for any other failure; `TOO_MUCH_GAS` if no transaction may have so much
 */
export async function submit(
  chain: Chain,
  { key, to, data, value = 0n, gas: known, spareGas = 0n, signal }: Call,
): Promise<Outcome> {
  const taken = known ?? (await estimate(chain, { to, data, value }))
  if (typeof taken !== 'bigint') return taken
  const gas = (taken * GAS_MARGIN) / 100n + spareGas
  if (gas > TRANSACTION_GAS) {
    const action = 'Do less at once.'
    throw new MatiError(`${key} takes ${gas} gas, more than a transaction may have`, { code: 'TOO_MUCH_GAS', action })
  }

  const outcome = await chain.sender.send({ key, to, data, value, gas }, { signal })
  if (outcome.status === 'mined') return { status: 'done', hashes: [outcome.hash] }
  if (outcome.status === 'superseded') return { status: 'later', reason: 'another transaction took the nonce' }

  // A receipt carries no reason: the same call at the state after that block tells it.
  const call = { account: chain.signer, to, data, value, blockNumber: outcome.blockNumber }
  const replay = await orExpected(chain.client.call(call))
  return 'status' in replay ? replay : { status: 'later', reason: `${outcome.hash} reverted, and would succeed now` }
}
