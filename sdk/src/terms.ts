/** A payment's terms: built from an invoice, and hashed to the payment's id. Pure. */
import { type Address, type ContractFunctionArgs, hashTypedData, type Hex, zeroAddress } from 'viem'
import { requireTerms } from './checkTerms.ts'
import { fiats } from './currency.ts'
import { type Deployment, tokenOf } from './deployment.ts'
import { MatiError } from './errors.ts'
import type { matiEscrowAbi } from './generated/index.ts'
import { hashInvoice, type Invoice } from './invoice.ts'
import { escrowDomain, paymentTypes } from './typedData.ts'

/** The terms a payer signs; `contracts/src/types/Payment.sol` says what each means. */
export type Payment = ContractFunctionArgs<typeof matiEscrowAbi, 'nonpayable', 'authorize'>[0]

export type BuildTermsParameters = {
  invoice: Invoice
  /** The chain that is paid on. */
  deployment: Deployment
  payer: Address
  /** Needed if the invoice names no merchant. */
  merchant?: Address
  /** How much is held, in units of the token: `quotePayment`'s `maxAmount`. */
  maxAmount: bigint
  /** The moment that the invoice's deadlines count from, Unix seconds. */
  nowSeconds: number
  /** Where surplus, void, reclaim, refunds and the payer's part of a ruling go; the payer by default. */
  refundTo?: Address
  /** Bounds of the merchant's fee and who earns it; none by default. */
  fee?: { minBps: number; maxBps: number; receiver: Address }
  /** What stands in for the due while there is no rate, shortly before the deadline; none by default. */
  fallbackAmount?: bigint
  /** When capturing may begin, Unix seconds; at once by default. */
  captureAfter?: number
  /** Who may split the hold if the payer disputes it, until when, and the merchant's share if it does not; nobody by default. */
  arbiter?: { account: Address; resolveBy: number; defaultMerchantBps: number }
}

/**
 * The terms under which an invoice can be paid.
 * @throws MatiError `MERCHANT_MISSING`, `TOKEN_UNKNOWN` or `WRONG_CHAIN`; InvalidInputError `TERMS_INVALID`.
 * @example
 * const payment = buildTerms({ invoice, deployment, payer, merchant, maxAmount: quote.maxAmount, nowSeconds })
 */
export function buildTerms(parameters: BuildTermsParameters): Payment {
  const { invoice, deployment, payer, fee, arbiter, nowSeconds } = parameters
  const merchant = invoice.merchant ?? parameters.merchant
  if (!merchant) {
    const action = 'Name the merchant in the invoice or pass `merchant`.'
    throw new MatiError('Nobody is named who is paid', { code: 'MERCHANT_MISSING', action })
  }
  if (invoice.pay.chain !== deployment.name) {
    const action = `Pass the deployment of chain ${invoice.pay.chain}.`
    throw new MatiError(`The invoice is paid on chain ${invoice.pay.chain}, not ${deployment.name}`, {
      code: 'WRONG_CHAIN',
      action,
    })
  }
  const terms: Payment = {
    payer,
    merchant,
    token: tokenOf(deployment, invoice.pay.token).address,
    maxAmount: parameters.maxAmount,
    currency: currencyAddress(invoice, deployment),
    due: invoice.due,
    fallbackAmount: parameters.fallbackAmount ?? 0n,
    minFeeBps: fee?.minBps ?? 0,
    maxFeeBps: fee?.maxBps ?? 0,
    feeReceiver: fee?.receiver ?? zeroAddress,
    authorizeBy: nowSeconds + invoice.authorizeWithinSeconds,
    captureAfter: parameters.captureAfter ?? 0,
    captureBy: nowSeconds + invoice.captureWithinSeconds,
    autoCapture: invoice.autoCapture,
    arbiter: arbiter?.account ?? zeroAddress,
    resolveBy: arbiter?.resolveBy ?? 0,
    defaultMerchantBps: arbiter?.defaultMerchantBps ?? 0,
    refundTo: parameters.refundTo ?? payer,
    invoice: hashInvoice(invoice),
  }
  requireTerms(terms, deployment)
  return terms
}

/** The address that an invoice's currency has in a payment's terms. */
export function currencyAddress(invoice: Invoice, deployment: Deployment): Address {
  const fiat = fiats.find(({ symbol }) => symbol === invoice.currency)
  return fiat?.address ?? tokenOf(deployment, invoice.currency).address
}

/**
 * The id of a payment: the EIP-712 hash of its terms under the escrow's domain, as `MatiEscrow.paymentId` gives it.
 * @example const id = paymentId(payment, deployment)
 */
export function paymentId(payment: Payment, deployment: Pick<Deployment, 'chainId' | 'contracts'>): Hex {
  return hashTypedData({
    domain: escrowDomain(deployment),
    types: paymentTypes,
    primaryType: 'Payment',
    message: payment,
  })
}
