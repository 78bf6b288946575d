import { type Address, parseAbi } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployment.ts'
import { throwDecoded } from '../reverts.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'

export type GetPermit2NonceParameters = { deployment: Deployment; owner: Address }

/** Permit2's bitmap of used nonces, 256 a word: no package that is installed here carries its ABI. */
const abi = parseAbi(['function nonceBitmap(address owner, uint256 word) view returns (uint256)'])

const ALL_USED = 2n ** 256n - 1n

/**
 * The lowest nonce that an account has not used with Permit2, for `signPermit2`. Two signatures that wait at once need
 * nonces of their own: add one.
 * @example const nonce = await getPermit2Nonce(client, { deployment, owner: payer.address })
 */
export async function getPermit2Nonce(client: ReadingClient, parameters: GetPermit2NonceParameters): Promise<bigint> {
  const { deployment, owner } = parameters
  requireSameChain(client, deployment)
  const bitmap = { address: deployment.external.permit2, abi, functionName: 'nonceBitmap' } as const
  for (let word = 0n; ; word++) {
    const used = await readContract(client, { ...bitmap, args: [owner, word] }).catch(throwDecoded)
    if (used !== ALL_USED) return word * 256n + lowestZero(used)
  }
}

function lowestZero(bits: bigint): bigint {
  let position = 0n
  while ((bits >> position) & 1n) position++
  return position
}
