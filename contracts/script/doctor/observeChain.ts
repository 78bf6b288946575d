/** Reads who is in charge of one chain's contracts; compares nothing. */
import { type Address, parseAbiItem } from 'viem'
import { getLogs, readContract } from 'viem/actions'
import {
  type Deployment,
  endpointV2Abi,
  matiAccessAbi,
  matiGatewayAbi,
  matiTokenAbi,
  type ReadingClient,
  settlerAbi,
} from '@mati/sdk'
import { ADMIN_ROLE } from '../access.ts'
import { roles } from '../handOver.ts'
import { codelessOf } from './observeEnd.ts'

export type RoleName = 'admin' | keyof typeof roles
export type Holder = { role: RoleName; account: Address; delaySeconds: number }

export type ObservedChain =
  /** Nothing more can be asked. */
  | { status: 'codeless'; codeless: { name: string; address: Address }[] }
  | {
      status: 'read'
      eid: number
      owner: Address
      delegate: Address
      authorities: { gateway: Address; settler: Address }
      holders: Holder[]
      /** False if the node lists no events: then only `suspects` were asked for. */
      isHolderListComplete: boolean
    }

export const roleIds: Readonly<Record<RoleName, bigint>> = { admin: ADMIN_ROLE, ...roles }

const roleGranted = parseAbiItem(
  'event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember)',
)

/**
 * @param suspects Accounts that are asked for whatever the events say.
 * @throws viem's errors if the node does not answer.
 */
export async function observeChain(
  client: ReadingClient,
  deployment: Deployment,
  suspects: readonly Address[],
): Promise<ObservedChain> {
  const { contracts, external } = deployment
  const { endpoint, sendLibrary, receiveLibrary } = external
  const named = { ...contracts, endpoint, sendLibrary, receiveLibrary }
  const codeless = await codelessOf(client, Object.values(named))
  if (codeless.length > 0) {
    const entries = Object.entries(named).filter(([, address]) => codeless.includes(address))
    return { status: 'codeless', codeless: entries.map(([name, address]) => ({ name, address })) }
  }
  const lz = { address: endpoint, abi: endpointV2Abi } as const
  const [eid, owner, delegate, gateway, settler, granted] = await Promise.all([
    readContract(client, { ...lz, functionName: 'eid' }),
    readContract(client, { address: contracts.token, abi: matiTokenAbi, functionName: 'owner' }),
    readContract(client, { ...lz, functionName: 'delegates', args: [contracts.token] }),
    readContract(client, { address: contracts.gateway, abi: matiGatewayAbi, functionName: 'authority' }),
    readContract(client, { address: contracts.settler, abi: settlerAbi, functionName: 'authority' }),
    grantedTo(client, deployment),
  ])
  const accounts = [...new Set([...(granted ?? []), ...suspects])]
  const holders = await holdersAmong(client, contracts.access, accounts)
  const authorities = { gateway, settler }
  return { status: 'read', eid, owner, delegate, authorities, holders, isHolderListComplete: granted !== null }
}

/** All who ever got a role; null if the node does not list events so far back. */
async function grantedTo(client: ReadingClient, deployment: Deployment): Promise<Address[] | null> {
  const address = deployment.contracts.access
  try {
    const logs = await getLogs(client, { address, event: roleGranted, fromBlock: BigInt(deployment.startBlock) })
    return logs.flatMap(({ args }) => args.account ?? [])
  } catch {
    return null // A node that is down fails the other reads too.
  }
}

async function holdersAmong(client: ReadingClient, access: Address, accounts: readonly Address[]): Promise<Holder[]> {
  const manager = { address: access, abi: matiAccessAbi } as const
  const questions = Object.entries(roleIds).flatMap(([role, id]) => accounts.map((account) => ({ role, id, account })))
  const answers = questions.map(async ({ role, id, account }): Promise<Holder[]> => {
    const [isMember, delaySeconds] = await readContract(client, {
      ...manager,
      functionName: 'hasRole',
      args: [id, account],
    })
    return isMember ? [{ role: role as RoleName, account, delaySeconds }] : []
  })
  return (await Promise.all(answers)).flat()
}
