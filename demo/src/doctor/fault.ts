/** What a fault of the self-test is, and the means to bring one about. */
import { makeCalls, type PrivilegedCall } from '@mati/contracts/script/access'
import type { Pathway } from '@mati/contracts/script/config'
import type { Side } from '@mati/contracts/script/doctor/examine'
import type { CheckName } from '@mati/contracts/script/doctor/finding'
import type { Accounts } from '@mati/devnet'
import { matiAccessAbi, sendCall } from '@mati/sdk'
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createTestClient,
  encodeFunctionData,
  type EncodeFunctionDataParameters,
  http,
} from 'viem'
import { waitForTransactionReceipt } from 'viem/actions'
import type { DeployedChain } from '../deployment.ts'

/** Where things are broken: one end of the first pathway. */
export type Site = { here: DeployedChain; there: DeployedChain; accounts: Accounts }

/** What the doctor compares the chains with. */
export type Declaration = { sides: Side[]; pathways: Pathway[] }

export type Fault = {
  name: string
  /** Changes the chain, or returns another declaration. */
  inflict: (site: Site, declaration: Declaration) => Promise<Declaration | void>
  /** Exactly these are to be found, at the end `here`. */
  finds: readonly CheckName[]
  /** Whether every pathway of the chain suffers. */
  isChainWide?: boolean
  /** Whether wiring again, as an admin, makes it good. */
  isWired: boolean
}

/** Something that must already be refused. */
export type Refusal = { name: string; attempt: (site: Site) => Promise<unknown>; says: RegExp }

/** A call that needs the access manager. */
export function privileged<const abi extends Abi, name extends ContractFunctionName<abi, 'nonpayable'>>(
  target: Address,
  abi: abi,
  functionName: name,
  args: ContractFunctionArgs<abi, 'nonpayable', name>,
): PrivilegedCall {
  const data = encodeFunctionData({ abi, functionName, args } as unknown as EncodeFunctionDataParameters)
  return { label: functionName, target, data }
}

/** As somebody in charge who makes a mistake, or is not who they should be. */
export async function asAdmin({ here }: Pick<Site, 'here'>, ...calls: readonly PrivilegedCall[]): Promise<void> {
  await makeCalls(here.wallet('admin'), here.deployment.contracts.access, calls, () => {})
}

/** As the one who may pause. */
export async function asGuardian({ here }: Pick<Site, 'here'>, { target, data }: PrivilegedCall): Promise<void> {
  const guardian = here.wallet('guardian')
  const manager = { address: here.deployment.contracts.access, abi: matiAccessAbi } as const
  const hash = await sendCall(guardian, { ...manager, functionName: 'execute', args: [target, data] })
  const { status } = await waitForTransactionReceipt(guardian, { hash })
  if (status === 'reverted') throw new Error(`The guardian's call reverted: ${hash}`)
}

/** Anvil's own methods. */
export function testClient(chain: DeployedChain) {
  return createTestClient({ mode: 'anvil', chain: chain.client.chain, transport: http(chain.rpcUrl) })
}
