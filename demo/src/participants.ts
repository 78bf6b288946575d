/** Who takes part in the demo: merchants that are registered on every chain, payers that own what they pay with. */
import type { AccountName } from '@mati/devnet'
import { approve, registerMerchant, type Registration, type SendingClient, signRegistration, tokenOf } from '@mati/sdk'
import type { Address, Hash } from 'viem'
import { waitForTransactionReceipt } from 'viem/actions'
import type { Stack, StackChain } from './stack.ts'
import { transfer } from './stack.ts'

/** Which of the settler's tiers the demo's merchants are in. */
const TIER = 1

export type Place = { chain: string; token: string }

/** The chain of that name. */
export function chainNamed(stack: Stack, name: string): StackChain {
  const chain = stack.chains.find((candidate) => candidate.name === name)
  if (!chain) throw new Error(`There is no chain ${name}`)
  return chain
}

/** The address of a place's token. */
export function tokenAt(stack: Stack, { chain, token }: Place): Address {
  return tokenOf(chainNamed(stack, chain).deployment, token).address
}

/** Registers a merchant by one signature of its own, which the relayer submits on every chain, or on those that are named. */
export async function registerEverywhere(
  stack: Stack,
  merchant: AccountName,
  options: { receive: Place; cycle: number; reserve?: Place & { amount: bigint }; on?: readonly string[] },
): Promise<void> {
  const { receive, cycle, reserve, on = stack.chains.map(({ name }) => name) } = options
  const target = chainNamed(stack, receive.chain)
  const registration: Registration = {
    merchant: stack.accounts[merchant].address,
    nonce: 1n,
    payout: {
      asset: tokenAt(stack, receive),
      eid: target.eid,
      cycle,
      tier: TIER,
      toleranceBps: 100,
    },
    operators: [],
    chains: stack.chains.map(({ name, eid, deployment }) => ({
      eid,
      settler: deployment.contracts.settler,
      recipients: [],
      reserves: reserve?.chain === name ? [{ token: tokenAt(stack, reserve), amount: reserve.amount }] : [],
    })),
  }
  const signature = await signRegistration(stack.accounts[merchant], { registration })
  await Promise.all(
    on.map(async (name) => {
      const { deployment, wallet } = chainNamed(stack, name)
      const relayer = wallet('relayer')
      await mined(relayer, registerMerchant(relayer, { deployment, registration, signature }))
    }),
  )
}

/** Gives a payer what it is going to pay with. */
export async function fund(stack: Stack, payer: AccountName, { chain: name, token: symbol }: Place, amount: bigint) {
  const chain = chainNamed(stack, name)
  const { address } = stack.accounts[payer]
  if (symbol === 'WETH') await chain.wrap(payer, amount)
  else if (symbol === 'USDC') await chain.mintUsdc(address, amount)
  else await transfer(chain.wallet('deployer'), tokenOf(chain.deployment, symbol).address, address, amount)
}

/** Lets the escrow take that much of a payer's tokens. */
export async function approveEscrow(chain: StackChain, payer: AccountName, symbol: string, amount: bigint) {
  const token = tokenOf(chain.deployment, symbol).address
  const client = chain.wallet(payer)
  await mined(client, approve(client, { deployment: chain.deployment, token, amount }))
}

/** Waits until a transaction is mined, and throws if it reverted. */
export async function mined(client: SendingClient, sent: Promise<Hash>): Promise<void> {
  const hash = await sent
  const receipt = await waitForTransactionReceipt(client, { hash })
  if (receipt.status === 'reverted') throw new Error(`The transaction ${hash} reverted`)
}
