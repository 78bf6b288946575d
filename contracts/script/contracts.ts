/** Deploys Mati's contracts of one chain. They depend on nothing that can change, so their addresses never do. */
import type { Address } from 'viem'
import { getBlockNumber, getCode } from 'viem/actions'
import type { Deployment, ReadingClient, SendingClient } from '@mati/sdk'
import type { ChainConfig } from './config.ts'
import { missing, place, type Placement } from './create2.ts'
import { DeployError } from './error.ts'
import { type Log, sendTogether } from './send.ts'

export type Contracts = Deployment['contracts']

/** Where each contract belongs; those of `later` ask the others something when they are constructed. */
export function placeContracts(config: ChainConfig): { contracts: Contracts; first: Placement[]; later: Placement[] } {
  const { deployer, eid, external, genesis } = config
  const access = place('MatiAccess.sol', [deployer])
  const oracle = place('RateOracle.sol', [access.address])
  const registry = place('MerchantRegistry.sol', [eid])
  const verifier = place('SignatureVerifier.sol', [access.address])
  const escrowArgs = [access.address, registry.address, oracle.address, verifier.address]
  const escrow = place('MatiEscrow.sol', escrowArgs)
  const depositAddresses = place('collectors/DepositAddresses.sol', [escrow.address])
  const receiver = genesis?.receiver ?? deployer
  const token = place('MatiToken.sol', [external.endpoint, access.address, receiver, genesis?.amount ?? 0n])
  const solver = place('solvers/UniswapV3Solver.sol', [external.uniswap.swapRouter])
  const gateway = place('MatiGateway.sol', [token.address, escrow.address, access.address])
  const settlerArgs = [escrow.address, registry.address, oracle.address, external.wrappedNative, access.address]
  const settler = place('Settler.sol', settlerArgs)
  const all = { access, oracle, registry, verifier, escrow, token, gateway, settler, solver, depositAddresses }
  const contracts = Object.fromEntries(Object.entries(all).map(([key, { address }]) => [key, address])) as Contracts
  return {
    contracts,
    first: [access, oracle, registry, verifier, escrow, token, solver, depositAddresses],
    later: [gateway, settler],
  }
}

/**
 * Deploys what is not there yet.
 * @returns Their addresses, and the first block that can hold an event of theirs.
 * @example const { contracts, startBlock } = await deployContracts(client, config)
 */
export async function deployContracts(
  client: SendingClient,
  config: ChainConfig,
  log: Log = () => {},
): Promise<{ contracts: Contracts; startBlock: number }> {
  requireClient(client, config)
  const { contracts, first, later } = placeContracts(config)
  await sendTogether(client, await missing(client, first), log)
  await sendTogether(client, await missing(client, later), log)
  return { contracts, startBlock: await blockOfDeployment(client, contracts.access) }
}

/** @throws DeployError if the client is of another chain. */
export function requireClient(client: ReadingClient, config: ChainConfig): void {
  if (client.chain.id === config.chainId) return
  throw new DeployError(`The RPC is of chain ${client.chain.id}, the config of chain ${config.chainId}`)
}

/** The block in which a contract came into being, found by halving: the same whenever it is asked. */
async function blockOfDeployment(client: ReadingClient, address: Address): Promise<number> {
  let [before, after] = [-1n, await getBlockNumber(client, { cacheTime: 0 })]
  while (after - before > 1n) {
    const blockNumber = (before + after) / 2n
    if (await getCode(client, { address, blockNumber })) after = blockNumber
    else before = blockNumber
  }
  return Number(after)
}
