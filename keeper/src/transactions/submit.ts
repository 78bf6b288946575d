import type { Address, Hex } from 'viem'
import type { Chain } from '../chains.ts'
import type { Outcome } from '../jobs/job.ts'
import { orExpected } from './expected.ts'

/**
 * Percent of the estimate. Contracts measure the gas they are given (a transfer to a recipient must not fail for want
 * of it), and state moves between estimate and block.
 */
export const GAS_MARGIN = 125n

export type Call = {
  /** Names the effect within the chain. */
  key: string
  to: Address
  data: Hex
  /** Wei. */
  value?: bigint
  signal: AbortSignal
}

/**
 * Simulates a call, and sends it if it would succeed.
 * @returns `nothing` or `later` where a revert was to be expected, before or after sending
 * @throws MatiError for any other failure
 */
export async function submit(chain: Chain, { key, to, data, value = 0n, signal }: Call): Promise<Outcome> {
  const call = { account: chain.signer, to, data, value }
  const gas = await orExpected(chain.client.estimateGas(call))
  if (typeof gas !== 'bigint') return gas

  const outcome = await chain.sender.send({ key, to, data, value, gas: (gas * GAS_MARGIN) / 100n }, { signal })
  if (outcome.status === 'mined') return { status: 'done', hashes: [outcome.hash] }
  if (outcome.status === 'superseded') return { status: 'later', reason: 'another transaction took the nonce' }

  // A receipt carries no reason: the same call at the state after that block tells it.
  const replay = await orExpected(chain.client.call({ ...call, blockNumber: outcome.blockNumber }))
  return 'status' in replay ? replay : { status: 'later', reason: `${outcome.hash} reverted, and would succeed now` }
}
