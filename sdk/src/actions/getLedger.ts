import type { Address } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { matiEscrowAbi } from '../generated/index.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'

export type GetLedgerParameters = { deployment: Deployment; account: Address; token: Address }

export type Ledger = {
  /** What the account may take out, in units of the token. */
  balance: bigint
  /** All that was ever credited and debited; their difference is the balance. */
  credited: bigint
  debited: bigint
  /** The balance's mean time of arrival, Unix seconds. */
  since: number
}

/**
 * What an account has in the escrow, in one token.
 * @example const { balance } = await getLedger(client, { deployment, account: merchant, token: weth })
 */
export async function getLedger(client: ReadingClient, parameters: GetLedgerParameters): Promise<Ledger> {
  const { deployment, account, token } = parameters
  requireSameChain(client, deployment)
  const { credited, debited, since } = await readContract(client, {
    address: deployment.contracts.escrow,
    abi: matiEscrowAbi,
    functionName: 'ledger',
    args: [account, token],
  }).catch(throwDecoded)
  return { balance: credited - debited, credited, debited, since }
}
