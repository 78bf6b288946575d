import {
  authorizationTypedData,
  authorize,
  buildTerms,
  charge,
  depositAddress,
  InvalidInputError,
  type Invoice,
  type Payment,
  paymentTypedData,
  requireTerms,
  type SendingClient,
} from '@mati/sdk'
import { zeroAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { termVectors } from '../../test/vectors/terms.ts'
import { addressOf, deployment } from './deployments.ts'

const { escrow } = deployment.contracts
// A chain's own escrow is asked the same in demo/test/deploy.test.ts.
const { accepted, refused } = termVectors({ escrow, token: addressOf(33) })

function issuesOf(payment: Payment): readonly string[] {
  try {
    requireTerms(payment, deployment)
    return []
  } catch (error) {
    if (error instanceof InvalidInputError && error.code === 'TERMS_INVALID') return error.issues
    throw error
  }
}

describe('requireTerms', () => {
  test.each(accepted.map((payment, i) => ({ i, payment })))('takes what is within all bounds: $i', ({ payment }) => {
    expect(issuesOf(payment)).toEqual([])
  })

  test.each(refused)('refuses terms that contradict themselves, naming $term', ({ term, payment }) => {
    expect(issuesOf(payment)).toEqual([expect.stringMatching(new RegExp(`^${term}: ${String(payment[term])} must `))])
  })

  test('says all that is wrong at once, and what would be right', () => {
    const [base] = accepted
    if (!base) throw new Error('no vectors')
    expect(issuesOf({ ...base, refundTo: escrow, fallbackAmount: 101n })).toEqual([
      'fallbackAmount: 101 must be at most maxAmount (100)',
      `refundTo: ${escrow} must be an account that can be paid: neither the zero address nor the escrow`,
    ])
  })
})

describe('whoever builds, signs or pays by terms', () => {
  const [bad] = refused
  if (!bad) throw new Error('no vectors')
  const { payment } = bad
  const target = { deployment, payment }
  const client = { chain: { id: deployment.chainId } } as SendingClient
  const invoice: Invoice = {
    id: '1017',
    due: 5n,
    currency: 'USD',
    currencyDecimals: 18,
    pay: { chain: 'A', token: 'USDC' },
    receive: { chain: 'A', token: 'USDC' },
    merchant: addressOf(102),
    authorizeWithinSeconds: 60,
    captureWithinSeconds: 60,
    marginBps: 0,
    autoCapture: false,
  }
  const terms = { invoice, deployment, payer: addressOf(101), maxAmount: 1n, nowSeconds: 0, refundTo: zeroAddress }

  test.each<[string, () => unknown]>([
    ['buildTerms', () => buildTerms(terms)],
    ['depositAddress', () => depositAddress(target)],
    ['paymentTypedData', () => paymentTypedData(target)],
    ['authorizationTypedData', () => authorizationTypedData(target)],
    ['authorize', () => authorize(client, target)],
    ['charge', () => charge(client, target)],
  ])('%s', async (_, act) => {
    await expect((async () => act())()).rejects.toMatchObject({ code: 'TERMS_INVALID' })
  })
})
