/** Privileged calls: all of a step in one transaction, through the access manager. */
import { type Address, encodeFunctionData, type Hex } from 'viem'
import { readContract } from 'viem/actions'
import { matiAccessAbi, type SendingClient } from '@mati/sdk'
import { DeployError } from './error.ts'
import { type Log, sendTogether } from './send.ts'

/** A call that only the access manager, or an admin through it, may make. */
export type PrivilegedCall = { label: string; target: Address; data: Hex }

export const ADMIN_ROLE = 0n

/**
 * Makes privileged calls, all or none. Calls of the access manager itself are made as they are, others through its
 * `execute`.
 * @throws DeployError listing them if the client's account may not make them now.
 */
export async function makeCalls(
  client: SendingClient,
  access: Address,
  calls: readonly PrivilegedCall[],
  log: Log,
): Promise<void> {
  if (calls.length === 0) return
  const { account } = client
  const manager = { address: access, abi: matiAccessAbi } as const
  const [isAdmin, delay] = await readContract(client, {
    ...manager,
    functionName: 'hasRole',
    args: [ADMIN_ROLE, account.address],
  })
  if (!isAdmin || delay !== 0) {
    const list = calls.map(({ label, target, data }) => `\n  ${label}: target ${target}, data ${data}`).join('')
    throw new DeployError(
      `${account.address} ${isAdmin ? `must wait ${delay} s for` : 'may not make'} these calls; ` +
        `an admin schedules them in the access manager ${access}:${list}`,
    )
  }
  const parts = calls.map(({ target, data }) =>
    target === access ? data : encodeFunctionData({ ...manager, functionName: 'execute', args: [target, data] }),
  )
  const data = encodeFunctionData({ ...manager, functionName: 'multicall', args: [parts] })
  await sendTogether(client, [{ label: calls.map(({ label }) => label).join(', '), to: access, data }], log)
}
