/** Whom a token can be paid to. */
import { decodeError, matiTokenAbi, merchantRegistryAbi } from '@mati/sdk'
import { type Address, encodeFunctionData, type Hex, hexToBigInt, isAddressEqual, size, slice } from 'viem'
import type { Chain } from '../chains.ts'
import { isRefused } from '../transactions/expected.ts'
import { MAX_MEMBERS, splitMembers } from './members.ts'

/**
 * Those merchants of whose balances in the payout asset itself, on its own chain, something would leave the ledger. Of the
 * others, whom the token blocks and who named nobody else, a settlement takes what it then credits again: due anew, and
 * settled for ever at the keeper's expense. They can still withdraw to another account. Where others have a part, the
 * settler itself keeps what came back. Asks about as many at a time as are settled.
 * @param token What their ledger balances are in, and what they want.
 */
export async function onlyPayable(chain: Chain, token: Address, merchants: readonly Address[]): Promise<Address[]> {
  const payable: Address[] = []
  for (const some of splitMembers(merchants, MAX_MEMBERS)) {
    const answers = await Promise.all(some.map((merchant) => isPayable(chain, token, merchant)))
    payable.push(...some.filter((_, i) => answers[i]))
  }
  return payable
}

async function isPayable({ client, deployment }: Chain, token: Address, merchant: Address): Promise<boolean> {
  const { registry, escrow } = deployment.contracts
  const recipients = await client.readContract({
    address: registry,
    abi: merchantRegistryAbi,
    functionName: 'recipients',
    args: [merchant],
  })
  const named = recipients.filter(({ shareBps }) => shareBps !== 0).map(({ account }) => account)
  if (!named.every((account) => [merchant, escrow].some((own) => isAddressEqual(account, own)))) return true
  if (!named.some((account) => isAddressEqual(account, merchant))) return false
  // As the escrow, which has the balance that is to be paid.
  const data = encodeFunctionData({ abi: matiTokenAbi, functionName: 'transfer', args: [merchant, 1n] })
  try {
    const { data: answer = '0x' } = await client.call({ account: escrow, to: token, data })
    return isPaid(answer)
  } catch (error) {
    const decoded = decodeError(error)
    if (isRefused(decoded)) return false
    throw decoded
  }
}

/** What the settler takes for a transfer: no answer, or one of which the first word is true. */
function isPaid(answer: Hex): boolean {
  return size(answer) === 0 || (size(answer) >= 32 && hexToBigInt(slice(answer, 0, 32)) === 1n)
}
