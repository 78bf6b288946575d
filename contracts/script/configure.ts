/**
 * Tells deployed contracts what they need to know of their chain: prices, tiers, tokens, collectors. Reads before it
 * writes.
 */
import { encodeFunctionData, zeroAddress } from 'viem'
import { readContract } from 'viem/actions'
import {
  type Deployment,
  intakeLimitsAbi,
  matiEscrowAbi,
  parseDeployment,
  rateOracleAbi,
  type ReadingClient,
  type SendingClient,
  settlerAbi,
  uniswapV3FactoryAbi,
  USD,
} from '@mati/sdk'
import { makeCalls, type PrivilegedCall } from './access.ts'
import type { ChainConfig } from './config.ts'
import { type Contracts, requireClient } from './contracts.ts'
import { missing, place, type Placement } from './create2.ts'
import { DeployError } from './error.ts'
import { type Log, sendTogether } from './send.ts'

/** The ways in besides those that the escrow has itself. */
const collectors = ['depositAddresses', 'permitCollector', 'permit2Collector', 'nativeCollector'] as const

type PricedToken = Omit<Deployment['tokens'][number], 'source'> & { source: Placement }

/**
 * Deploys the rate sources and sets sources, tiers, allowed tokens, collectors, and what guards intake, where they
 * differ from the config.
 * @returns The deployment, as `contracts/deployments/<chainId>.json` holds it.
 * @throws DeployError if Mati's pool does not exist yet: create and initialize it after `deployContracts`.
 */
export async function configure(
  client: SendingClient,
  config: ChainConfig,
  { contracts, startBlock }: { contracts: Contracts; startBlock: number },
  log: Log = () => {},
): Promise<Deployment> {
  requireClient(client, config)
  const tokens = [...config.tokens.map(chainlinkToken), await matiToken(client, config, contracts)]
  await sendTogether(
    client,
    await missing(
      client,
      tokens.map(({ source }) => source),
    ),
    log,
  )
  const calls = await Promise.all([
    ...tokens.map((token) => sourceCall(client, contracts, token)),
    ...tokens.map((token) => allowCall(client, contracts, token)),
    ...config.tiers.map((tier) => tierCall(client, contracts, tier)),
    ...collectors.map((collector) => collectorCall(client, contracts, collector)),
    ...config.intake.limits.map((limit) => limitCall(client, contracts, tokens, limit)),
    screenerCall(client, contracts),
    ...(config.intake.isGuarded ? [guardCall(client, contracts)] : []),
  ])
  await makeCalls(client, contracts.access, calls.flat(), log)
  const { name, chainId, eid, external, tiers } = config
  const genesis = String(config.genesis?.amount ?? 0n)
  const deployedTokens = tokens.map((token) => ({ ...token, source: token.source.address }))
  const tokensAndTiers = { tokens: deployedTokens, tiers }
  return parseDeployment({ name, chainId, eid, startBlock, genesis, contracts, external, ...tokensAndTiers })
}

function chainlinkToken({ source, ...token }: ChainConfig['tokens'][number]): PricedToken {
  const { feed, maxAgeSeconds, minAnswer, maxAnswer, sequencerFeed, gracePeriodSeconds } = source
  const args = [
    feed,
    USD.address,
    maxAgeSeconds,
    minAnswer,
    maxAnswer,
    sequencerFeed ?? zeroAddress,
    gracePeriodSeconds,
  ]
  return { ...token, feed, source: place('sources/ChainlinkSource.sol', args) }
}

async function matiToken(client: ReadingClient, config: ChainConfig, contracts: Contracts): Promise<PricedToken> {
  const { pair, feePips, windowSeconds, minLiquidity, maxChangeBpsPerHour } = config.matiSource
  const other = config.tokens.find(({ symbol }) => symbol === pair)
  if (!other) throw new DeployError(`matiSource.pair: "${pair}" is none of the tokens`)
  const pool = await readContract(client, {
    address: config.external.uniswap.factory,
    abi: uniswapV3FactoryAbi,
    functionName: 'getPool',
    args: [contracts.token, other.address, feePips],
  })
  if (pool === zeroAddress) {
    throw new DeployError(
      `There is no Uniswap v3 pool of MATI (${contracts.token}) and ${pair} with a fee of ${feePips}: ` +
        'create and initialize it, then run this again',
    )
  }
  const args = [pool, contracts.token, windowSeconds, minLiquidity, maxChangeBpsPerHour]
  const source = place('sources/UniswapV3TwapSource.sol', args)
  const domain = { symbol: 'MATI', name: 'Mati', version: '1' }
  return { ...domain, address: contracts.token, decimals: 18, erc3009: false, permit: true, feed: null, source }
}

async function sourceCall(client: ReadingClient, { oracle }: Contracts, token: PricedToken): Promise<PrivilegedCall[]> {
  const contract = { address: oracle, abi: rateOracleAbi } as const
  const [current] = await readContract(client, { ...contract, functionName: 'source', args: [token.address] })
  if (current === token.source.address) return []
  const args = [token.address, token.source.address] as const
  const data = encodeFunctionData({ ...contract, functionName: 'setSource', args })
  return [{ label: `price ${token.symbol}`, target: oracle, data }]
}

async function allowCall(client: ReadingClient, { escrow }: Contracts, token: PricedToken): Promise<PrivilegedCall[]> {
  const contract = { address: escrow, abi: matiEscrowAbi } as const
  if (await readContract(client, { ...contract, functionName: 'isTokenAllowed', args: [token.address] })) return []
  const data = encodeFunctionData({ ...contract, functionName: 'setTokenAllowed', args: [token.address, true] })
  return [{ label: `allow ${token.symbol}`, target: escrow, data }]
}

async function collectorCall(
  client: ReadingClient,
  contracts: Contracts,
  name: (typeof collectors)[number],
): Promise<PrivilegedCall[]> {
  const { escrow, [name]: collector } = contracts
  const contract = { address: escrow, abi: matiEscrowAbi } as const
  if (await readContract(client, { ...contract, functionName: 'isCollector', args: [collector] })) return []
  const data = encodeFunctionData({ ...contract, functionName: 'setCollector', args: [collector, true] })
  return [{ label: `allow the collector ${name}`, target: escrow, data }]
}

async function limitCall(
  client: ReadingClient,
  { intakeLimits }: Contracts,
  tokens: readonly PricedToken[],
  limit: ChainConfig['intake']['limits'][number],
): Promise<PrivilegedCall[]> {
  const token = tokens.find(({ symbol }) => symbol === limit.token)
  if (!token) throw new DeployError(`intake.limits: "${limit.token}" is none of the tokens`)
  const contract = { address: intakeLimits, abi: intakeLimitsAbi } as const
  const [current] = await readContract(client, { ...contract, functionName: 'tokenLimit', args: [token.address] })
  if (current === limit.amount) return []
  const args = [token.address, limit.amount] as const
  const data = encodeFunctionData({ ...contract, functionName: 'setTokenLimit', args })
  return [{ label: `limit ${limit.token}`, target: intakeLimits, data }]
}

async function screenerCall(client: ReadingClient, { intakeLimits, denyList }: Contracts): Promise<PrivilegedCall[]> {
  const contract = { address: intakeLimits, abi: intakeLimitsAbi } as const
  if ((await readContract(client, { ...contract, functionName: 'screener' })) === denyList) return []
  const data = encodeFunctionData({ ...contract, functionName: 'setScreener', args: [denyList] })
  return [{ label: 'screen by the deny list', target: intakeLimits, data }]
}

async function guardCall(client: ReadingClient, { escrow, intakeLimits }: Contracts): Promise<PrivilegedCall[]> {
  const contract = { address: escrow, abi: matiEscrowAbi } as const
  if ((await readContract(client, { ...contract, functionName: 'intakeGuard' })) === intakeLimits) return []
  const data = encodeFunctionData({ ...contract, functionName: 'setIntakeGuard', args: [intakeLimits] })
  return [{ label: 'guard intake', target: escrow, data }]
}

async function tierCall(
  client: ReadingClient,
  { settler }: Contracts,
  { id, ...tier }: ChainConfig['tiers'][number],
): Promise<PrivilegedCall[]> {
  const contract = { address: settler, abi: settlerAbi } as const
  const current = await readContract(client, { ...contract, functionName: 'tier', args: [id] })
  if (Object.entries(tier).every(([key, value]) => current[key as keyof typeof tier] === value)) return []
  const data = encodeFunctionData({ ...contract, functionName: 'setTier', args: [id, tier] })
  return [{ label: `set tier ${id}`, target: settler, data }]
}
