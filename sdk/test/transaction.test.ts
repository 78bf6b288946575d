import { authorize, buildTerms, matiEscrowAbi, OutcomeUnknownError, type SendingClient } from '@mati/sdk'
import {
  createWalletClient,
  custom,
  defineChain,
  encodeErrorResult,
  type Hex,
  keccak256,
  UserRejectedRequestError,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { addressOf, deployment } from './deployments.ts'

const account = privateKeyToAccount(`0x${'22'.repeat(32)}`)
const chain = defineChain({
  id: 90901,
  name: 'A',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
})
const payment = buildTerms({
  invoice: {
    id: '1',
    due: 1n,
    currency: 'USD',
    currencyDecimals: 18,
    pay: { chain: 'A', token: 'WETH' },
    receive: { chain: 'A', token: 'WETH' },
    merchant: addressOf(102),
    authorizeWithinSeconds: 60,
    captureWithinSeconds: 60,
    marginBps: 0,
    autoCapture: false,
  },
  deployment,
  payer: account.address,
  maxAmount: 1n,
  nowSeconds: 0,
})

/** A node that answers by method; what it was asked to broadcast is in `broadcast`. */
function node(answers: Record<string, (params: unknown) => unknown>) {
  const broadcast: Hex[] = []
  const usual: typeof answers = {
    eth_chainId: () => '0x16315',
    eth_call: () => '0x',
    eth_getTransactionCount: () => '0x0',
    eth_getBlockByNumber: () => ({ baseFeePerGas: '0x1', number: '0x1', timestamp: '0x1', transactions: [] }),
    eth_maxPriorityFeePerGas: () => '0x1',
    eth_estimateGas: () => '0x186a0',
    eth_sendRawTransaction: (params) => {
      const [signed] = params as [Hex]
      broadcast.push(signed)
      return keccak256(signed)
    },
  }
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    const answer = answers[method] ?? usual[method]
    if (!answer) throw new Error(`The test's node knows no ${method}`)
    return answer(params)
  }
  const transport = custom({ request }, { retryCount: 0 })
  return {
    broadcast,
    wallet: (from: SendingClient['account']) => createWalletClient({ account: from, chain, transport }),
  }
}

describe('an action', () => {
  test('returns the hash of what was broadcast', async () => {
    const { wallet, broadcast } = node({})
    const hash = await authorize(wallet(account), { deployment, payment })
    expect(broadcast.map((signed) => keccak256(signed))).toEqual([hash])
  })

  test('broadcasts nothing that would revert', async () => {
    const data = encodeErrorResult({ abi: matiEscrowAbi, errorName: 'Escrow_IntakePaused' })
    const refuse = () => {
      throw Object.assign(new Error('execution reverted'), { code: 3, data })
    }
    const { wallet, broadcast } = node({ eth_call: refuse })
    await expect(authorize(wallet(account), { deployment, payment })).rejects.toMatchObject({
      code: 'REVERT_Escrow_IntakePaused',
      retryable: true,
    })
    expect(broadcast).toEqual([])
  })

  test('calls the outcome unknown, by hash, if the node does not confirm', async () => {
    const sent: Hex[] = []
    const drop = (params: unknown) => {
      sent.push(...(params as [Hex]))
      throw new Error('socket hang up')
    }
    const { wallet } = node({ eth_sendRawTransaction: drop })
    const error = await authorize(wallet(account), { deployment, payment }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', hash: keccak256(sent[0] ?? '0x') })
  })

  test('knows a wallet that refuses from one whose answer got lost', async () => {
    const remote = { address: account.address, type: 'json-rpc' } as const
    const reject = () => {
      throw new UserRejectedRequestError(new Error('no'))
    }
    await expect(
      authorize(node({ eth_sendTransaction: reject }).wallet(remote), { deployment, payment }),
    ).rejects.toMatchObject({ code: 'REJECTED_BY_USER' })
    const drop = () => {
      throw new Error('gone')
    }
    await expect(
      authorize(node({ eth_sendTransaction: drop }).wallet(remote), { deployment, payment }),
    ).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', hash: null })
  })

  test('refuses a client of another chain', async () => {
    const elsewhere = { ...deployment, chainId: 1 }
    await expect(authorize(node({}).wallet(account), { deployment: elsewhere, payment })).rejects.toMatchObject({
      code: 'WRONG_CHAIN',
    })
  })
})
