import {
  authorize,
  authorizeNative,
  buildTerms,
  charge,
  chargeNative,
  getPermit2Nonce,
  getPermitNonce,
  matiEscrowAbi,
  matiTokenAbi,
  nativeCollectorAbi,
  permit2TypedData,
  permitTypedData,
  permitWay,
  paymentTypedData,
  type ReadingClient,
  type SendingClient,
  signPermit,
  signPermit2,
} from '@mati/sdk'
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  decodeAbiParameters,
  decodeFunctionData,
  defineChain,
  encodeFunctionResult,
  type Hash,
  type Hex,
  parseAbi,
  parseAbiParameters,
  recoverTypedDataAddress,
  serializeSignature,
  size,
  slice,
  zeroAddress,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { addressOf, deployment } from './deployments.ts'

// Whether the contracts take what is signed here is seen in demo/test/ways-in.test.ts.
const payer = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const [usdc, weth] = [addressOf(33), addressOf(17)]
const { escrow, permitCollector, permit2Collector, nativeCollector } = deployment.contracts
const chain = defineChain({
  id: deployment.chainId,
  name: 'A',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
})

const termsIn = (token: string) =>
  buildTerms({
    invoice: {
      id: '1',
      due: 7n,
      currency: 'USD',
      currencyDecimals: 18,
      pay: { chain: 'A', token },
      receive: { chain: 'A', token },
      merchant: addressOf(102),
      authorizeWithinSeconds: 60,
      captureWithinSeconds: 90,
      marginBps: 0,
      autoCapture: true,
    },
    deployment,
    payer: payer.address,
    maxAmount: 9n,
    nowSeconds: 1_000,
  })

const permitParameters = parseAbiParameters([
  'Permit permit, bytes consent',
  'struct Permit { uint256 value; uint256 deadline; uint8 v; bytes32 r; bytes32 s; }',
])

describe('signPermit', () => {
  const payment = termsIn('USDC')

  test('lets the collector take the amount until the payment expires, and consents to the payment', async () => {
    const parameters = { deployment, payment, nonce: 4n }
    const typedData = permitTypedData(parameters)
    expect(typedData.domain).toEqual({ name: 'USD Coin', version: '1', chainId: 90901, verifyingContract: usdc })
    const message = { owner: payer.address, spender: permitCollector, value: 9n, nonce: 4n, deadline: 1_060n }
    expect(typedData.message).toEqual(message)

    const { collector, data } = await signPermit(payer, parameters)
    expect(collector).toBe(permitCollector)
    const [{ value, deadline, v, r, s }, consent] = decodeAbiParameters(permitParameters, data)
    expect({ value, deadline }).toEqual({ value: 9n, deadline: 1_060n })
    const signature = serializeSignature({ r, s, v: BigInt(v) })
    expect(await recoverTypedDataAddress({ ...typedData, signature })).toBe(payer.address)
    const consented = { ...paymentTypedData({ deployment, payment }), signature: consent }
    expect(await recoverTypedDataAddress(consented)).toBe(payer.address)
  })

  test('permits more and longer if told, and needs no consent of a payer that calls itself', () => {
    const parameters = { deployment, payment, nonce: 0n, value: 100n, deadline: 5_000n }
    expect(permitTypedData(parameters).message).toMatchObject({ value: 100n, deadline: 5_000n })
    const permit = `0x${'11'.repeat(32)}${'22'.repeat(32)}1c` as const
    const [{ v, value }, consent] = decodeAbiParameters(
      permitParameters,
      permitWay({ ...parameters, permit, consent: '0x' }).data,
    )
    expect({ v, value, consent }).toEqual({ v: 28, value: 100n, consent: '0x' })
  })

  test('refuses a token without permits, and an account without a key', async () => {
    expect(() => permitTypedData({ deployment, payment: termsIn('WETH'), nonce: 0n })).toThrow(
      expect.objectContaining({ code: 'NO_PERMIT' }),
    )
    const remote = { address: payer.address, type: 'json-rpc' } as const
    await expect(signPermit(remote, { deployment, payment, nonce: 0n })).rejects.toMatchObject({ code: 'NO_SIGNER' })
    await expect(signPermit2(remote, { deployment, payment, nonce: 0n })).rejects.toMatchObject({ code: 'NO_SIGNER' })
  })
})

describe('signPermit2', () => {
  test('signs money and terms at once, and passes the nonce along', async () => {
    const payment = termsIn('WETH')
    const parameters = { deployment, payment, nonce: 300n }
    const typedData = permit2TypedData(parameters)
    expect(typedData.domain).toEqual({
      name: 'Permit2',
      chainId: 90901,
      verifyingContract: deployment.external.permit2,
    })
    expect(typedData.message).toEqual({
      permitted: { token: weth, amount: 9n },
      spender: permit2Collector,
      nonce: 300n,
      deadline: 1_060n,
      witness: payment,
    })

    const { collector, data } = await signPermit2(payer, parameters)
    expect(collector).toBe(permit2Collector)
    expect([size(data), BigInt(slice(data, 0, 32))]).toEqual([97, 300n])
    expect(await recoverTypedDataAddress({ ...typedData, signature: slice(data, 32) })).toBe(payer.address)
  })
})

describe('the nonces of permits', () => {
  /** A chain whose contract answers each word with what is used of it. */
  function readerOf(abi: Abi, answer: (args: readonly unknown[]) => bigint): ReadingClient {
    const request = async ({ params }: { params?: unknown }): Promise<Hex> => {
      const [{ data }] = params as [{ data: Hex }]
      const { functionName, args = [] } = decodeFunctionData({ abi, data })
      return encodeFunctionResult({ abi, functionName, result: answer(args) })
    }
    return createPublicClient({ chain, transport: custom({ request }) })
  }

  test.each([
    { used: [0n], nonce: 0n },
    { used: [0b1011n], nonce: 2n },
    { used: [2n ** 256n - 1n, 1n], nonce: 257n },
    { used: [2n ** 256n - 1n - 2n ** 255n], nonce: 255n },
  ])('of Permit2: the lowest that is free, $nonce', async ({ used, nonce }) => {
    const abi = parseAbi(['function nonceBitmap(address owner, uint256 word) view returns (uint256)'])
    const client = readerOf(abi, ([, word]) => used[Number(word)] ?? 0n)
    expect(await getPermit2Nonce(client, { deployment, owner: payer.address })).toBe(nonce)
  })

  test("of EIP-2612: the token's next", async () => {
    const client = readerOf(matiTokenAbi, () => 6n)
    expect(await getPermitNonce(client, { deployment, token: usdc, owner: payer.address })).toBe(6n)
  })
})

describe('what the ways in ask of contracts', () => {
  const payment = termsIn('WETH')
  const way = { collector: permit2Collector, data: '0xbeef' } as const

  async function sentBy(act: (client: SendingClient) => Promise<Hash>) {
    const calls: { to: Address; data: Hex; value?: Hex }[] = []
    const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
      if (method === 'eth_sendTransaction') calls.push(...(params as typeof calls))
      return method === 'eth_chainId' ? '0x16315' : '0x'
    }
    await act(createWalletClient({ account: addressOf(101), chain, transport: custom({ request }) }))
    const [{ to, data, value } = { to: zeroAddress, data: '0x' as Hex }] = calls
    const abi = to.toLowerCase() === escrow.toLowerCase() ? matiEscrowAbi : nativeCollectorAbi
    const { functionName, args } = decodeFunctionData({ abi: abi as Abi, data })
    return [to.toLowerCase(), functionName, ...(args ?? []), BigInt(value ?? 0)]
  }

  test.each<[string, (client: SendingClient) => Promise<Hash>, readonly unknown[]]>([
    [
      'authorize',
      (client) => authorize(client, { deployment, payment, ...way }),
      [escrow, 'authorize', payment, permit2Collector, '0xbeef', 0n],
    ],
    [
      'charge',
      (client) => charge(client, { deployment, payment, ...way }),
      [escrow, 'charge', payment, permit2Collector, '0xbeef', 0n, 0n],
    ],
    [
      'authorizeNative',
      (client) => authorizeNative(client, { deployment, payment }),
      [nativeCollector, 'authorize', payment, 9n],
    ],
    [
      'chargeNative',
      (client) => chargeNative(client, { deployment, payment }),
      [nativeCollector, 'charge', payment, 9n],
    ],
  ])('%s', async (_, act, [to, ...call]) => {
    expect(await sentBy(act)).toEqual([String(to).toLowerCase(), ...call])
  })
})
