import { readFileSync } from 'node:fs'
import path from 'node:path'
import { keccak256, type Address, type Hex } from 'viem'
import { control, type ChainClient } from './client.ts'
import { DevnetError } from './errors.ts'

const folder = path.resolve(import.meta.dirname, '../artifacts')

/** Contracts that have one address on every network: their genuine code is in a file that says where it is from. */
export type CanonicalName = 'permit2' | 'multicall3'

/** Puts one's code at the address that it has on every network, unless it is there already. */
export async function placeCanonical(client: ChainClient, name: CanonicalName): Promise<Address> {
  const file = path.join(folder, `${name}.json`)
  const { address, deployedBytecode, deployedBytecodeHash } = JSON.parse(readFileSync(file, 'utf8')) as {
    address: Address
    deployedBytecode: Hex
    deployedBytecodeHash: Hex
  }
  if (await client.getCode({ address })) return address
  if (keccak256(deployedBytecode) !== deployedBytecodeHash) {
    throw new DevnetError(`${file} does not hold the code whose hash it names.`, {
      code: 'artifact-missing',
      action: 'Restore it from the repository.',
    })
  }
  await control(client, 'anvil_setCode', address, deployedBytecode)
  return address
}
