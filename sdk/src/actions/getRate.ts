import type { Address } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { rateOracleAbi } from '../generated/index.ts'
import type { Rate } from '../rate.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'

export type GetRateParameters = { deployment: Deployment; base: Address; quote: Address }

/**
 * What one whole `base` is worth in `quote` now, by the chain's oracle.
 * @throws RevertError such as `Oracle_PriceUnavailable`, with the source's own reason within.
 * @example const rate = await getRate(client, { deployment, base: weth, quote: USD.address })
 */
export async function getRate(client: ReadingClient, parameters: GetRateParameters): Promise<Rate> {
  const { deployment, base, quote } = parameters
  requireSameChain(client, deployment)
  return readContract(client, {
    address: deployment.contracts.oracle,
    abi: rateOracleAbi,
    functionName: 'rate',
    args: [base, quote],
  }).catch(throwDecoded)
}
