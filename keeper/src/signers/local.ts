import { keccak256, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Signer } from './signer.ts'

/** Signs with a private key in memory. */
export function createLocalSigner(privateKey: Hex): Signer {
  const account = privateKeyToAccount(privateKey)
  return {
    address: account.address,
    async sign(transaction) {
      const raw = await account.signTransaction({ type: 'eip1559', ...transaction })
      return { raw, hash: keccak256(raw) }
    },
  }
}
