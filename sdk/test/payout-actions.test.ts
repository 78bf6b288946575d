import {
  distributePayout,
  merchantRegistryAbi,
  openPayoutAccount,
  payoutAccountsAbi,
  type PayoutTerms,
  type SendingClient,
  withdrawPayout,
} from '@mati/sdk'
import {
  type Abi,
  type Address,
  createWalletClient,
  custom,
  decodeFunctionData,
  defineChain,
  type Hash,
  type Hex,
  zeroAddress,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { addressOf, deployment } from './deployments.ts'

const { escrow, registry, payoutAccounts, token } = deployment.contracts
const [merchant, recipient, to] = [addressOf(101), addressOf(102), addressOf(103)]
const terms: PayoutTerms = {
  merchant,
  payout: { asset: addressOf(33), eid: deployment.eid, cycle: 60, tier: 1, toleranceBps: 50 },
  chain: {
    eid: deployment.eid,
    settler: deployment.contracts.settler,
    recipients: [{ account: recipient, shareBps: 10_000 }],
    reserves: [{ token: addressOf(33), amount: 7n }],
  },
}

const chain = defineChain({
  id: deployment.chainId,
  name: 'A',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
})

/** Whom an action calls, with what. */
async function sentBy(abi: Abi, act: (client: SendingClient) => Promise<Hash>) {
  const calls: { to: Address; data: Hex }[] = []
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (method === 'eth_sendTransaction') calls.push(...(params as typeof calls))
    return method === 'eth_chainId' ? '0x16315' : '0x'
  }
  await act(createWalletClient({ account: merchant, chain, transport: custom({ request }) }))
  const [call = { to: zeroAddress, data: '0x' as Hex }] = calls
  const { functionName, args } = decodeFunctionData({ abi, data: call.data })
  return { to: call.to.toLowerCase(), functionName, args }
}

describe('payout accounts', () => {
  test('are opened in the registry', async () => {
    const sent = await sentBy(merchantRegistryAbi, (client) => openPayoutAccount(client, { deployment, terms }))
    expect(sent).toEqual({ to: registry.toLowerCase(), functionName: 'openPayoutAccount', args: [terms] })
  })

  test("are emptied through the factory, out of the deployment's escrow", async () => {
    const withdrawn = await sentBy(payoutAccountsAbi, (client) =>
      withdrawPayout(client, { deployment, terms, token, amount: 5n, to }),
    )
    expect(withdrawn).toEqual({
      to: payoutAccounts.toLowerCase(),
      functionName: 'withdraw',
      args: [terms, escrow, token, 5n, to],
    })
    const distributed = await sentBy(payoutAccountsAbi, (client) =>
      distributePayout(client, { deployment, terms, token }),
    )
    expect(distributed).toEqual({
      to: payoutAccounts.toLowerCase(),
      functionName: 'distribute',
      args: [terms, escrow, token],
    })
  })
})
