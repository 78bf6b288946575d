import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  authorizationTypedData,
  buildTerms,
  hashInvoice,
  type Invoice,
  type Payment,
  paymentId,
  paymentTypedData,
  paymentTypes,
  registrationHash,
  type Registration,
  registrationTypedData,
  signAuthorization,
  signPayment,
  signRegistration,
} from '@mati/sdk'
import { type Hex, hashTypedData, recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { addressOf, deployment } from './deployments.ts'

// Forge's tests hash the same files.
const vector = (name: string) =>
  JSON.parse(readFileSync(path.resolve(import.meta.dirname, `../../test/vectors/${name}.json`), 'utf8')) as unknown

const [payer, merchant, relayer] = [addressOf(101), addressOf(102), addressOf(103)]
const invoice: Invoice = {
  id: '1017',
  due: 49_990_000_000_000_000_000n,
  currency: 'USD',
  currencyDecimals: 18,
  pay: { chain: 'A', token: 'WETH' },
  receive: { chain: 'B', token: 'USDC' },
  merchant: null,
  authorizeWithinSeconds: 900,
  captureWithinSeconds: 3_600,
  marginBps: 300,
  autoCapture: false,
}
const base = { invoice, deployment, payer, merchant, maxAmount: 20n, nowSeconds: 1_000 }

describe('buildTerms', () => {
  test('fills in what the invoice and the defaults say', () => {
    expect(buildTerms(base)).toEqual({
      payer,
      merchant,
      token: deployment.tokens[0]?.address,
      maxAmount: 20n,
      currency: '0x0000000000000000000000000000000000000348',
      due: 49_990_000_000_000_000_000n,
      fallbackAmount: 0n,
      minFeeBps: 0,
      maxFeeBps: 0,
      feeReceiver: '0x0000000000000000000000000000000000000000',
      authorizeBy: 1_900,
      captureAfter: 0,
      captureBy: 4_600,
      autoCapture: false,
      arbiter: '0x0000000000000000000000000000000000000000',
      resolveBy: 0,
      defaultMerchantBps: 0,
      refundTo: payer,
      invoice: hashInvoice(invoice),
    })
  })

  test('takes fee, refund address and times from the caller, and a token for currency', () => {
    const terms = buildTerms({
      ...base,
      invoice: { ...invoice, currency: 'USDC', merchant: relayer },
      fee: { minBps: 1, maxBps: 2, receiver: relayer },
      refundTo: relayer,
      captureAfter: 7,
      fallbackAmount: 9n,
      arbiter: { account: relayer, resolveBy: 5_000, defaultMerchantBps: 4_000 },
    })
    expect(terms).toMatchObject({
      merchant: relayer,
      currency: deployment.tokens[1]?.address,
      minFeeBps: 1,
      maxFeeBps: 2,
      feeReceiver: relayer,
      refundTo: relayer,
      captureAfter: 7,
      fallbackAmount: 9n,
      arbiter: relayer,
      resolveBy: 5_000,
      defaultMerchantBps: 4_000,
    })
  })

  test('refuses an invoice of nobody, and one of another chain', () => {
    const { merchant: _, ...nobody } = base
    expect(() => buildTerms(nobody)).toThrow(expect.objectContaining({ code: 'MERCHANT_MISSING' }))
    const elsewhere = { ...invoice, pay: { chain: 'B', token: 'WETH' } }
    expect(() => buildTerms({ ...base, invoice: elsewhere })).toThrow(expect.objectContaining({ code: 'WRONG_CHAIN' }))
  })
})

describe('paymentId', () => {
  const shared = vector('payment') as { chainId: number; escrow: Hex; payment: Record<string, unknown>; id: Hex }
  const payment = {
    ...shared.payment,
    ...Object.fromEntries(
      ['maxAmount', 'due', 'fallbackAmount'].map((key) => [key, BigInt(String(shared.payment[key]))]),
    ),
  } as unknown as Payment
  const at = { chainId: shared.chainId, contracts: { ...deployment.contracts, escrow: shared.escrow } }

  test('is what the escrow says', () => {
    expect(paymentId(payment, at)).toBe(shared.id)
  })

  test('changes with every term, with the chain and with the escrow', () => {
    const changed = Object.entries(payment).map(([key, value]) => {
      const other = {
        bigint: 1n,
        number: 1,
        boolean: false,
        string: key === 'invoice' ? `0x${'11'.repeat(32)}` : relayer,
      }
      return { ...payment, [key]: other[typeof value as keyof typeof other] }
    })
    const ids = [
      ...[payment, ...changed].map((terms) => paymentId(terms, at)),
      paymentId(payment, { ...at, chainId: 1 }),
      paymentId(payment, { ...at, contracts: deployment.contracts }),
    ]
    expect(new Set(ids).size).toBe(Object.keys(payment).length + 3)
  })

  test('hashes the fields in the order of the struct', () => {
    expect(paymentTypes['Payment']?.map(({ name }) => name)).toEqual(Object.keys(shared.payment))
  })
})

describe('signAuthorization', () => {
  const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
  const usdc = buildTerms({
    ...base,
    payer: account.address,
    invoice: { ...invoice, pay: { chain: 'A', token: 'USDC' } },
  })

  test('signs for the recipient, the amount and the payment', async () => {
    const data = authorizationTypedData({ deployment, payment: usdc })
    expect(data.domain).toEqual({
      name: 'USD Coin',
      version: '1',
      chainId: 90901,
      verifyingContract: deployment.tokens[1]?.address,
    })
    expect(data.message).toEqual({
      from: account.address,
      to: deployment.contracts.escrow,
      value: 20n,
      validAfter: 0n,
      validBefore: 1_901n,
      nonce: paymentId(usdc, deployment),
    })
    const signature = await signAuthorization(account, { deployment, payment: usdc })
    expect(await recoverTypedDataAddress({ ...data, signature })).toBe(account.address)
  })

  test('refuses a token without ERC-3009', () => {
    expect(() => authorizationTypedData({ deployment, payment: buildTerms(base) })).toThrow(
      expect.objectContaining({ code: 'NO_ERC3009' }),
    )
  })
})

describe('signPayment', () => {
  test('signs the payment itself: what is signed hashes to its id', async () => {
    const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
    const payment = buildTerms({ ...base, payer: account.address })
    const data = paymentTypedData({ deployment, payment })
    expect(hashTypedData(data)).toBe(paymentId(payment, deployment))
    const signature = await signPayment(account, { deployment, payment })
    expect(await recoverTypedDataAddress({ ...data, signature })).toBe(account.address)
  })
})

describe('signRegistration', () => {
  const shared = vector('registration') as {
    privateKey: Hex
    message: Registration
    hash: Hex
    signature: Hex
    types: object
  }
  const registration = { ...shared.message, nonce: BigInt(shared.message.nonce) }

  test('hashes and signs what the registry expects', async () => {
    expect(registrationHash(registration)).toBe(shared.hash)
    expect(hashTypedData(registrationTypedData(registration))).toBe(shared.hash)
    const account = privateKeyToAccount(shared.privateKey)
    expect(await signRegistration(account, { registration })).toBe(shared.signature)
  })
})
