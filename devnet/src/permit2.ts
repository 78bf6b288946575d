import { readFileSync } from 'node:fs'
import path from 'node:path'
import { keccak256, type Address, type Hex } from 'viem'
import { control, type ChainClient } from './client.ts'
import { DevnetError } from './errors.ts'

const file = path.resolve(import.meta.dirname, '../artifacts/permit2.json')

/** Permit2's genuine code, which says where it is from, at the address that it has on every network. */
export async function placePermit2(client: ChainClient): Promise<Address> {
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
