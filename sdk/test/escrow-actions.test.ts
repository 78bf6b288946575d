import {
  authorize,
  authorizeWithAuthorization,
  buildTerms,
  captureMany,
  charge,
  dispute,
  openDeposit,
  packOrders,
  matiEscrowAbi,
  type Payment,
  refund,
  refundDue,
  resolve,
  resolveByDefault,
  type SendingClient,
} from '@mati/sdk'
import { createWalletClient, custom, decodeFunctionData, defineChain, type Hash, type Hex, zeroAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { addressOf, deployment } from './deployments.ts'

const [payer, merchant, collector] = [addressOf(101), addressOf(102), addressOf(103)]
const { escrow } = deployment.contracts
const payment: Payment = buildTerms({
  invoice: {
    id: '1',
    due: 70n,
    currency: 'USD',
    currencyDecimals: 18,
    pay: { chain: 'A', token: 'WETH' },
    receive: { chain: 'A', token: 'WETH' },
    merchant,
    authorizeWithinSeconds: 60,
    captureWithinSeconds: 60,
    marginBps: 0,
    autoCapture: false,
  },
  deployment,
  payer,
  maxAmount: 9n,
  nowSeconds: 0,
  fee: { minBps: 5, maxBps: 8, receiver: collector },
})

/** The call that an action sends, decoded. */
async function sentBy(act: (client: SendingClient) => Promise<Hash>) {
  const calls: { to: Hex; data: Hex }[] = []
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (method === 'eth_sendTransaction') calls.push(...(params as typeof calls))
    return method === 'eth_chainId' ? '0x16315' : '0x'
  }
  const chain = defineChain({
    id: 90901,
    name: 'A',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  })
  await act(createWalletClient({ account: payer, chain, transport: custom({ request }) }))
  const [{ to, data } = { to: zeroAddress, data: '0x' as Hex }] = calls
  expect(to.toLowerCase()).toBe(escrow.toLowerCase())
  const { functionName, args } = decodeFunctionData({ abi: matiEscrowAbi, data })
  return [functionName, ...(args ?? [])]
}

describe('what actions ask of the escrow', () => {
  const target = { deployment, payment }
  test.each<[string, (client: SendingClient) => Promise<Hash>, readonly unknown[]]>([
    ['authorize', (client) => authorize(client, target), ['authorize', payment, zeroAddress, '0x']],
    [
      'authorize, relayed',
      (client) => authorize(client, { ...target, data: '0xbeef' }),
      ['authorize', payment, zeroAddress, '0xbeef'],
    ],
    [
      'authorizeWithAuthorization',
      (client) => authorizeWithAuthorization(client, { ...target, signature: '0xbeef' }),
      ['authorize', payment, escrow, '0xbeef'],
    ],
    ['charge', (client) => charge(client, target), ['charge', payment, zeroAddress, '0x', 5n]],
    [
      'charge through a collector',
      (client) => charge(client, { ...target, collector, data: '0x01', feeBps: 8 }),
      ['charge', payment, collector, '0x01', 8n],
    ],
    [
      'openDeposit',
      (client) => openDeposit(client, target),
      ['authorize', payment, deployment.contracts.depositAddresses, '0x'],
    ],
    ['dispute', (client) => dispute(client, target), ['dispute', payment]],
    ['resolve', (client) => resolve(client, { ...target, merchantAmount: 4n }), ['resolve', payment, 4n]],
    ['resolveByDefault', (client) => resolveByDefault(client, target), ['resolveByDefault', payment]],
    ['refund', (client) => refund(client, { ...target, amount: 3n }), ['refund', payment, 3n, 0]],
    [
      'refund by a stranger',
      (client) => refund(client, { ...target, amount: 3n, funding: 'caller' }),
      ['refund', payment, 3n, 1],
    ],
    [
      'refundDue',
      (client) => refundDue(client, { ...target, dueAmount: 7n, maxAmount: 2n }),
      ['refundDue', payment, 7n, 2n, 0],
    ],
    [
      'captureMany',
      (client) => captureMany(client, { deployment, orders: [{ payment }, { payment, dueAmount: 1n, isFinal: true }] }),
      ['captureMany', packOrders([{ payment }, { payment, dueAmount: 1n, isFinal: true }])],
    ],
  ])('%s', async (_, act, call) => {
    expect(await sentBy(act)).toEqual(call)
  })
})
