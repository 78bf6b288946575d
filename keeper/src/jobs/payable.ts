/** Whom a token can be paid to. */
import { decodeError, matiTokenAbi, merchantRegistryAbi } from '@mati/sdk'
import { type Address, encodeFunctionData, hexToBigInt, isAddressEqual, size } from 'viem'
import type { Chain } from '../chains.ts'
import { isRefused } from '../transactions/expected.ts'

/**
 * Those merchants of whose balances in the payout asset itself, on its own chain, something would leave the ledger. Of the
 * others, whom the token blocks and who named nobody else, a settlement takes what it then credits again: due anew, and
 * settled for ever at the keeper's expense. They can still withdraw to another account.
 * @param token What their ledger balances are in, and what they want.
 */
export async function onlyPayable(chain: Chain, token: Address, merchants: readonly Address[]): Promise<Address[]> {
  const payable = await Promise.all(merchants.map((merchant) => isPayable(chain, token, merchant)))
  return merchants.filter((_, i) => payable[i])
}

async function isPayable({ client, deployment }: Chain, token: Address, merchant: Address): Promise<boolean> {
  const { registry, escrow } = deployment.contracts
  const recipients = await client.readContract({
    address: registry,
    abi: merchantRegistryAbi,
    functionName: 'recipients',
    args: [merchant],
  })
  const comesBack = recipients.every(({ account }) => [merchant, escrow].some((own) => isAddressEqual(account, own)))
  if (!comesBack) return true
  if (!recipients.some(({ account }) => isAddressEqual(account, merchant))) return false
  // As the escrow, which has the balance that is to be paid.
  const data = encodeFunctionData({ abi: matiTokenAbi, functionName: 'transfer', args: [merchant, 1n] })
  try {
    const { data: answer = '0x' } = await client.call({ account: escrow, to: token, data })
    return size(answer) === 0 || hexToBigInt(answer) === 1n
  } catch (error) {
    const decoded = decodeError(error)
    if (isRefused(decoded)) return false
    throw decoded
  }
}
