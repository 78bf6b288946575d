/** The last step: functions get their roles, roles their holders and delays, and the deployer's rights end. */
import { type Abi, type Address, encodeFunctionData, type Hex, isAddressEqual, toFunctionSelector } from 'viem'
import { readContract } from 'viem/actions'
import {
  denyListAbi,
  type Deployment,
  endpointV2Abi,
  intakeLimitsAbi,
  matiAccessAbi,
  matiEscrowAbi,
  matiGatewayAbi,
  matiTokenAbi,
  rateOracleAbi,
  type ReadingClient,
  type SendingClient,
  settlerAbi,
  signatureVerifierAbi,
} from '@mati/sdk'
import { ADMIN_ROLE, makeCalls, type PrivilegedCall } from './access.ts'
import type { ChainConfig } from './config.ts'
import type { Contracts } from './contracts.ts'
import type { Log } from './send.ts'

/** The roles of `MatiAccess`, which says what each is for. */
export const roles = { guardian: 1n, operator: 2n, config: 3n }
const nameOf = new Map([[ADMIN_ROLE, 'admin'], ...Object.entries(roles).map(([name, id]) => [id, name] as const)])

/** Which role may call which function; what is not named here is the admin's. */
function assignments(contracts: Contracts, { endpoint }: Deployment['external']) {
  const functions = (abi: Abi, ...names: string[]): Hex[] =>
    names.map((name) => {
      const item = abi.find((entry) => entry.type === 'function' && entry.name === name)
      if (item?.type !== 'function') throw new TypeError(`There is no function ${name}`)
      return toFunctionSelector(item)
    })
  return [
    {
      target: contracts.escrow,
      role: roles.guardian,
      selectors: functions(matiEscrowAbi, 'setIntakePaused', 'freezeCapture'),
    },
    { target: contracts.escrow, role: roles.operator, selectors: functions(matiEscrowAbi, 'setTokenAllowed') },
    {
      target: contracts.escrow,
      role: roles.config,
      selectors: functions(matiEscrowAbi, 'setCollector', 'setIntakeGuard'),
    },
    {
      target: contracts.intakeLimits,
      role: roles.operator,
      selectors: functions(intakeLimitsAbi, 'setTokenLimit', 'setMerchantLimit'),
    },
    { target: contracts.intakeLimits, role: roles.config, selectors: functions(intakeLimitsAbi, 'setScreener') },
    { target: contracts.denyList, role: roles.operator, selectors: functions(denyListAbi, 'setRefused') },
    { target: contracts.verifier, role: roles.config, selectors: functions(signatureVerifierAbi, 'setFactory') },
    { target: contracts.oracle, role: roles.config, selectors: functions(rateOracleAbi, 'setSource') },
    { target: contracts.settler, role: roles.config, selectors: functions(settlerAbi, 'setTier', 'setGateway') },
    { target: contracts.gateway, role: roles.config, selectors: functions(matiGatewayAbi, 'setPeer') },
    {
      target: contracts.token,
      role: roles.guardian,
      selectors: functions(matiTokenAbi, 'pauseInbound', 'setOutboundPaused'),
    },
    {
      target: contracts.token,
      role: roles.config,
      selectors: functions(matiTokenAbi, 'setPeer', 'setGateway', 'setLimits', 'setEnforcedOptions'),
    },
    {
      target: endpoint,
      role: roles.config,
      selectors: functions(
        endpointV2Abi,
        'setConfig',
        'setSendLibrary',
        'setReceiveLibrary',
        'setReceiveLibraryTimeout',
      ),
    },
  ]
}

/**
 * Hands a configured and wired chain over to the holders that its config names. From then on privileged calls are
 * scheduled by them, each with its delay; running the deploy path again only checks. Holders that the config does not
 * name keep their roles: taking one away is a call of the admin's.
 * @throws DeployError if the client's account is not the admin and something is still to be done.
 */
export async function handOver(
  client: SendingClient,
  config: ChainConfig,
  contracts: Contracts,
  log: Log = () => {},
): Promise<void> {
  const { access } = contracts
  const { admin, guardians, operators, configurators } = config.roles
  const calls = [
    ...(await assignmentCalls(client, config, contracts)),
    ...(await grantCalls(client, access, roles.guardian, guardians)),
    ...(await grantCalls(client, access, roles.operator, operators)),
    ...(await grantCalls(client, access, roles.config, configurators)),
    ...(await grantCalls(client, access, ADMIN_ROLE, [admin])),
    ...(await renounceCalls(client, config, access)),
  ]
  await makeCalls(client, access, calls, log)
}

async function assignmentCalls(client: ReadingClient, config: ChainConfig, contracts: Contracts) {
  const manager = { address: contracts.access, abi: matiAccessAbi } as const
  const wanted = assignments(contracts, config.external)
  const calls = wanted.map(async ({ target, role, selectors }): Promise<PrivilegedCall[]> => {
    const current = await Promise.all(
      selectors.map((selector) =>
        readContract(client, { ...manager, functionName: 'getTargetFunctionRole', args: [target, selector] }),
      ),
    )
    const wrong = selectors.filter((_, i) => current[i] !== role)
    if (wrong.length === 0) return []
    const data = encodeFunctionData({ ...manager, functionName: 'setTargetFunctionRole', args: [target, wrong, role] })
    return [
      { label: `role ${nameOf.get(role)} for ${wrong.length} functions of ${target}`, target: manager.address, data },
    ]
  })
  return (await Promise.all(calls)).flat()
}

async function grantCalls(
  client: ReadingClient,
  access: Address,
  role: bigint,
  grants: readonly { account: Address; delaySeconds: number }[],
): Promise<PrivilegedCall[]> {
  const manager = { address: access, abi: matiAccessAbi } as const
  const calls = grants.map(async ({ account, delaySeconds }): Promise<PrivilegedCall[]> => {
    const [isMember, delay] = await readContract(client, { ...manager, functionName: 'hasRole', args: [role, account] })
    if (isMember && delay === delaySeconds) return []
    const data = encodeFunctionData({ ...manager, functionName: 'grantRole', args: [role, account, delaySeconds] })
    return [{ label: `grant ${nameOf.get(role)} to ${account} with ${delaySeconds} s`, target: access, data }]
  })
  return (await Promise.all(calls)).flat()
}

/** Unless the deployer is the admin in the end, it gives up what it began with. */
async function renounceCalls(client: ReadingClient, config: ChainConfig, access: Address): Promise<PrivilegedCall[]> {
  const {
    deployer,
    roles: { admin },
  } = config
  if (isAddressEqual(deployer, admin.account)) return []
  const manager = { address: access, abi: matiAccessAbi } as const
  const args = [ADMIN_ROLE, deployer] as const
  const [isMember] = await readContract(client, { ...manager, functionName: 'hasRole', args })
  if (!isMember) return []
  const data = encodeFunctionData({ ...manager, functionName: 'revokeRole', args })
  return [{ label: "end the deployer's rights", target: access, data }]
}
