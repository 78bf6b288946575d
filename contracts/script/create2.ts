/** Deterministic addresses: the same contract with the same arguments is at the same place, deployed once. */
import {
  type Abi,
  type Address,
  concat,
  encodeDeployData,
  type Hex,
  getCreate2Address,
  keccak256,
  stringToHex,
} from 'viem'
import { getCode } from 'viem/actions'
import type { ReadingClient } from '@mati/sdk'
import { builtArtifact } from '../tool/artifacts.ts'
import { DeployError } from './error.ts'
import type { Transaction } from './send.ts'

/** The canonical deployment proxy (https://github.com/Arachnid/deterministic-deployment-proxy): salt and code in. */
const PROXY: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C'
const SALT = keccak256(stringToHex('mati.v1'))

/** A contract to be deployed, and where it will be. */
export type Placement = { name: string; address: Address; initCode: Hex }

/** Where `contracts/src/<source>` with these constructor arguments belongs. */
export function place(source: string, args: readonly unknown[]): Placement {
  const { abi, bytecode } = builtArtifact(`contracts/src/${source}`)
  const initCode = encodeDeployData({ abi: abi as Abi, bytecode, args })
  return { name: source, address: getCreate2Address({ from: PROXY, salt: SALT, bytecode: initCode }), initCode }
}

/** The transactions that deploy what is not there yet. */
export async function missing(client: ReadingClient, placements: readonly Placement[]): Promise<Transaction[]> {
  const [proxy, ...codes] = await Promise.all(
    [PROXY, ...placements.map(({ address }) => address)].map((address) => getCode(client, { address })),
  )
  if (!proxy) throw new DeployError(`Chain ${client.chain.id} has no deterministic deployment proxy at ${PROXY}`)
  return placements
    .filter((_, i) => !codes[i])
    .map(({ name, initCode }) => ({ label: `deploy ${name}`, to: PROXY, data: concat([SALT, initCode]) }))
}
