/** Merchants of the bench, who want what they earn in MATI on another chain. */
import type { StackChain } from '@mati/demo'
import { matiEscrowAbi, matiTokenAbi, merchantRegistryAbi, type Registration, signRegistration } from '@mati/sdk'
import { type Address, encodeFunctionData, keccak256, maxUint256, multicall3Abi, numberToHex, zeroHash } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { mine } from './network.ts'

const TIER = 1
/** Of each merchant and round: 1,000 MATI. */
const EARNED = 10n ** 21n

/** So many accounts of nobody's, in ascending order, as the settler wants them. */
export function makeMerchants(count: number): PrivateKeyAccount[] {
  return Array.from({ length: count }, (_, i) => privateKeyToAccount(keccak256(numberToHex(i + 1, { size: 32 })))).sort(
    (a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1),
  )
}

/** Registers them here for payouts there, due at once, by signatures that somebody relays. */
export async function registerAll(here: StackChain, there: StackChain, merchants: PrivateKeyAccount[]) {
  const { contracts, external } = here.deployment
  const calls = await Promise.all(
    merchants.map(async (merchant) => {
      const registration: Registration = {
        merchant: merchant.address,
        nonce: 1n,
        payout: { asset: there.deployment.contracts.token, eid: there.eid, cycle: 0, tier: TIER, toleranceBps: 100 },
        operators: [],
        chains: [{ eid: here.eid, settler: contracts.settler, recipients: [], reserves: [] }],
      }
      const args = [registration, await signRegistration(merchant, { registration })] as const
      const callData = encodeFunctionData({ abi: merchantRegistryAbi, functionName: 'register', args })
      return { target: contracts.registry, allowFailure: false, callData }
    }),
  )
  const call = { address: external.multicall, abi: multicall3Abi, functionName: 'aggregate3', args: [calls] } as const
  await mine(here.wallet('relayer'), call)
}

/** Lets escrow and gateway take the deployer's MATI. */
export async function approveAll({ wallet, deployment: { contracts } }: StackChain): Promise<void> {
  for (const spender of [contracts.escrow, contracts.gateway]) {
    const call = { address: contracts.token, abi: matiTokenAbi, functionName: 'approve' } as const
    await mine(wallet('deployer'), { ...call, args: [spender, maxUint256] })
  }
}

/** Gives each of them something to be settled. */
export async function earn({ wallet, deployment: { contracts } }: StackChain, accounts: readonly Address[]) {
  const credits = accounts.map((account) => ({ account, amount: EARNED }))
  const args = [contracts.token, credits, zeroHash] as const
  await mine(wallet('deployer'), { address: contracts.escrow, abi: matiEscrowAbi, functionName: 'deposit', args })
}
