/** Two local chains with Mati and the genuine LayerZero, without workers: each step of a message is the drill's own. */
import type { PrivilegedCall } from '@mati/contracts/script/access'
import { contractCall, type Devnet, findFreePort, localChains, startDevnet } from '@mati/devnet'
import {
  endpointV2Abi,
  matiAccessAbi,
  matiEscrowAbi,
  matiGatewayAbi,
  matiTokenAbi,
  merchantRegistryAbi,
  payoutAccountsAbi,
  receiveUln302Abi,
  settlerAbi,
} from '@mati/sdk'
import type { Abi, Address, Hex, TransactionReceipt } from 'viem'
import { type DeployedChain, deployLocal, type LocalDeployment } from '../../demo/src/deployment.ts'
import { asAdmin, asGuardian, testClient } from '../../demo/src/doctor/fault.ts'

export type Chain = DeployedChain
export type Who = Parameters<Chain['sender']>[0]
type Contract = { address: Address; abi: Abi }

/** What Mati carries at least across chains, in units of the token. */
export const UNIT = 10n ** 12n
export const MATI = 10n ** 18n

export type World = {
  devnet: Devnet
  local: LocalDeployment
  chains: readonly [Chain, Chain]
  /** Puts every chain back to where it stood after the deployment. */
  reset: () => Promise<void>
}

export async function startWorld(): Promise<World> {
  const [a, b, c] = await Promise.all([findFreePort(), findFreePort(), findFreePort()])
  const [first, second] = localChains({ a, b, c })
  const devnet = await startDevnet({ chains: [first, second] })
  try {
    const local = await deployLocal(devnet)
    const chains = local.chains as unknown as [Chain, Chain]
    const snapshot = () => Promise.all(chains.map((chain) => testClient(chain).snapshot()))
    let ids = await snapshot()
    const reset = async () => {
      await Promise.all(chains.map((chain, i) => testClient(chain).revert({ id: ids[i] as Hex })))
      ids = await snapshot()
    }
    return { devnet, local, chains, reset }
  } catch (error) {
    await devnet.stop()
    throw error
  }
}

const abis = [matiAccessAbi, endpointV2Abi, receiveUln302Abi, matiTokenAbi, matiGatewayAbi, matiEscrowAbi]
const payoutAbis = [settlerAbi, merchantRegistryAbi, payoutAccountsAbi]
/** Errors pass through the contracts between: every call knows those of all. */
const errors = [...abis, ...payoutAbis].flatMap((abi) => (abi as Abi).filter(({ type }) => type === 'error'))
const known = (abi: Abi): Abi => [...abi.filter(({ type }) => type !== 'error'), ...errors]

/** A chain's contracts, each with the errors of all. */
export function contractsOf({ deployment, external }: Chain) {
  const { contracts } = deployment
  const of = (address: Address, abi: Abi): Contract => ({ address, abi: known(abi) })
  return {
    access: of(contracts.access, matiAccessAbi),
    token: of(contracts.token, matiTokenAbi),
    gateway: of(contracts.gateway, matiGatewayAbi),
    escrow: of(contracts.escrow, matiEscrowAbi),
    settler: of(contracts.settler, settlerAbi),
    registry: of(contracts.registry, merchantRegistryAbi),
    accounts: of(contracts.payoutAccounts, payoutAccountsAbi),
    endpoint: of(external.endpoint, endpointV2Abi),
    library: of(external.receiveLibrary, receiveUln302Abi),
  }
}

export type ContractName = keyof ReturnType<typeof contractsOf>

/** Sends as a named account. @throws DevnetError that ends in `<error>(<arguments>).` */
export function act(
  chain: Chain,
  who: Who,
  name: ContractName,
  functionName: string,
  args: readonly unknown[],
  { value, gas = 2_000_000n }: { value?: bigint; gas?: bigint } = {},
): Promise<TransactionReceipt> {
  const { address, abi } = contractsOf(chain)[name]
  const settings = value === undefined ? { gas } : { gas, value }
  return chain.sender(who).send(contractCall({ abi, name }, address, functionName, args, settings))
}

export function look<Result = bigint>(
  chain: Chain,
  name: ContractName,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<Result> {
  return chain.client.readContract({ ...contractsOf(chain)[name], functionName, args }) as Promise<Result>
}

/** As the admin, through the access manager. */
export function govern(chain: Chain, ...calls: readonly PrivilegedCall[]): Promise<void> {
  return asAdmin({ here: chain }, ...calls)
}

/** As the guardian, who pauses. */
export function guard(chain: Chain, call: PrivilegedCall): Promise<void> {
  return asGuardian({ here: chain }, call)
}

export async function passTime(chain: Chain, seconds: number): Promise<void> {
  const anvil = testClient(chain)
  await anvil.increaseTime({ seconds })
  await anvil.mine({ blocks: 1 })
}
