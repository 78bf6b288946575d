/** Reads every chain's token, twice: see `assessSupply`. */
import { matiTokenAbi } from '@mati/sdk'
import { type ContractFunctionParameters, parseAbi } from 'viem'
import type { Chain } from '../chains.ts'
import type { SupplySight, TokenCounters } from './supply.ts'

/** Of Multicall3's, what viem's ABI of it leaves out. */
const blockNumberAbi = parseAbi(['function getBlockNumber() view returns (uint256)'])

export type CountedChain = Pick<Chain, 'client' | 'deployment'>

/** The second read of any chain begins after the first of all has ended. */
export async function readSupply(chains: readonly CountedChain[]): Promise<SupplySight> {
  const eids = chains.map(({ deployment }) => deployment.eid)
  const readAll = () => Promise.all(chains.map((chain) => readCounters(chain, eids)))
  const earlier = await readAll()
  return { earlier, later: await readAll() }
}

/** In one call, so that all is of one block. */
async function readCounters({ client, deployment }: CountedChain, eids: readonly number[]): Promise<TokenCounters> {
  const { chainId, name, eid, genesis, contracts, external } = deployment
  const others = eids.filter((other) => other !== eid)
  const multicall = { abi: blockNumberAbi, address: external.multicall }
  const token = { abi: matiTokenAbi, address: contracts.token }
  const calls: ContractFunctionParameters[] = [
    { ...multicall, functionName: 'getBlockNumber' },
    { ...token, functionName: 'totalSupply' },
    ...others.map((other) => ({ ...token, functionName: 'sent', args: [other] })),
    ...others.map((other) => ({ ...token, functionName: 'received', args: [other] })),
  ]
  const values = await client.multicall({
    contracts: calls,
    multicallAddress: external.multicall,
    allowFailure: false,
    // Never divided into several calls, which could be of different blocks.
    batchSize: 0,
  })
  const [blockNumber = 0n, supply = 0n, ...counters] = values as readonly bigint[]
  const byEid = (amounts: readonly bigint[]) => new Map(others.map((other, i) => [other, amounts[i] ?? 0n]))
  return {
    chainId,
    name,
    eid,
    genesis: BigInt(genesis),
    blockNumber,
    supply,
    sent: byEid(counters.slice(0, others.length)),
    received: byEid(counters.slice(others.length)),
  }
}
