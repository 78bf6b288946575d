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
  const { deployer, eid, external, genesis, intake } = config
  const access = place('MatiAccess.sol', [deployer])
  const oracle = place('RateOracle.sol', [access.address])
  const rateLens = place('RateLens.sol', [oracle.address])
  const payoutAccounts = place('PayoutAccounts.sol', [])
  const registry = place('MerchantRegistry.sol', [eid, payoutAccounts.address])
  const verifier = place('SignatureVerifier.sol', [access.address])
  const escrowArgs = [access.address, registry.address, oracle.address, verifier.address]
  const escrow = place('MatiEscrow.sol', escrowArgs)
  const depositAddresses = place('collectors/DepositAddresses.sol', [escrow.address])
  const permitCollector = place('collectors/PermitCollector.sol', [escrow.address])
  const permit2Collector = place('collectors/Permit2Collector.sol', [escrow.address, external.permit2])
  const nativeCollector = place('collectors/NativeCollector.sol', [escrow.address, external.wrappedNative])
  const intakeLimits = place('IntakeLimits.sol', [access.address, escrow.address, intake.windowSeconds])
  const denyList = place('DenyList.sol', [access.address])
  const receiver = genesis?.receiver ?? deployer
  const token = place('MatiToken.sol', [external.endpoint, access.address, receiver, genesis?.amount ?? 0n])
  const solver = place('solvers/UniswapV3Solver.sol', [external.uniswap.factory])
  const gateway = place('MatiGateway.sol', [token.address, escrow.address, access.address])
  const settlerArgs = [escrow.address, registry.address, oracle.address, external.wrappedNative, access.address]
  const settler = place('Settler.sol', settlerArgs)
  const stockSolver = place('solvers/StockSolver.sol', [settler.address])
  const settlementUpkeep = place('SettlementUpkeep.sol', [settler.address, eid, config.upkeepBeneficiary])
  const captureAndSettle = place('CaptureAndSettle.sol', [escrow.address, registry.address, settler.address])
  const first = {
    access,
    oracle,
    rateLens,
    payoutAccounts,
    registry,
    verifier,
    escrow,
    token,
    solver,
    stockSolver,
    settlementUpkeep,
    depositAddresses,
    nativeCollector,
    intakeLimits,
    denyList,
  }
  const later = { gateway, settler, captureAndSettle, permitCollector, permit2Collector }
  const contracts = Object.fromEntries(
    Object.entries({ ...first, ...later }).map(([key, { address }]) => [key, address]),
  ) as Contracts
  return { contracts, first: Object.values(first), later: Object.values(later) }
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
  await requireExternal(client, config, 'permit2')
  await requireExternal(client, config, 'multicall')
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

const externals = { permit2: 'Permit2', multicall: 'Multicall3' } as const

/** What the Permit2 collector and keepers would call. @throws DeployError if there is nothing at its address. */
async function requireExternal(
  client: ReadingClient,
  { external }: ChainConfig,
  name: keyof typeof externals,
): Promise<void> {
  if (await getCode(client, { address: external[name] })) return
  const place = `${external[name]} (external.${name}) on chain ${client.chain.id}`
  throw new DeployError(`There is no ${externals[name]} at ${place}`)
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
