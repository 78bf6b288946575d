import { type Address, isAddressEqual } from 'viem'
import { readContract } from 'viem/actions'
import { type Deployment, tokenOf } from '../deployment.ts'
import { MatiError } from '../errors.ts'
import { settlerAbi } from '../generated/index.ts'
import type { Invoice } from '../invoice.ts'
import { amountToHold, amountToReceive, type Leg } from '../quote.ts'
import type { Rate } from '../rate.ts'
import { throwDecoded } from '../reverts.ts'
import { currencyAddress } from '../terms.ts'
import { type ReadingClient, requireSameChain } from '../transaction.ts'
import { getMerchant } from './getMerchant.ts'
import { getRate } from './getRate.ts'

export type QuotePaymentParameters = {
  /** The chain that is paid on: that of the client. */
  deployment: Deployment
  invoice: Invoice
  /** Needed if the invoice names no merchant; whose registered slippage tier counts. */
  merchant?: Address
  /** The most fee that the terms will allow, in basis points; none by default. */
  maxFeeBps?: number
  /** Where the merchant is paid out, if that is another chain. */
  receive?: { client: ReadingClient; deployment: Deployment }
}

export type PaymentQuote = {
  /** Token per currency at this moment; null where the due is counted in the token itself. */
  rate: Rate | null
  /** What the due is worth now, in units of the payment's token: what the payer will pay if rates stay. */
  expectedAmount: bigint
  /** The most the payer signs for; what is not captured of it comes back. */
  maxAmount: bigint
  /** What the merchant gets at the oracles' rates, in units of the token it wants. */
  fairReceived: bigint
  /** The least it gets of a full capture at these rates, after fee, every tier's bound, tips and message. */
  leastReceived: bigint
}

/**
 * What a shop shows before it asks for a signature. Rates move until the capture: the payer's side of that is bounded
 * by `maxAmount`, the merchant's by what that still covers of its due then.
 * @throws RevertError `Oracle_PriceUnavailable` and the like; MatiError `MERCHANT_MISSING`, `MERCHANT_UNREGISTERED`,
 * `TIER_UNKNOWN`, `WRONG_CHAIN`.
 * @example
 * const quote = await quotePayment(clientA, { deployment: a, invoice, receive: { client: clientB, deployment: b } })
 */
export async function quotePayment(client: ReadingClient, parameters: QuotePaymentParameters): Promise<PaymentQuote> {
  const { deployment, invoice, maxFeeBps = 0, receive = { client, deployment } } = parameters
  requireSameChain(client, deployment)
  requireChain(invoice.pay.chain, deployment)
  requireChain(invoice.receive.chain, receive.deployment)
  const merchant = requireMerchant(invoice.merchant ?? parameters.merchant)
  const payToken = tokenOf(deployment, invoice.pay.token).address
  const asset = tokenOf(receive.deployment, invoice.receive.token).address
  const isSent = receive.deployment.chainId !== deployment.chainId

  const tier = await registeredTier(client, deployment, merchant)
  const [rate, legs] = await Promise.all([
    rateBetween(client, deployment, payToken, currencyAddress(invoice, deployment)),
    Promise.all([
      legOn(client, deployment, payToken, isSent ? deployment.contracts.token : asset, tier, isSent),
      ...(isSent
        ? [legOn(receive.client, receive.deployment, receive.deployment.contracts.token, asset, tier, false)]
        : []),
    ]),
  ])
  const { expected, maxAmount } = amountToHold(invoice.due, rate, invoice.marginBps)
  const { fair, least } = amountToReceive(expected, maxFeeBps, legs)
  return { rate, expectedAmount: expected, maxAmount, fairReceived: fair, leastReceived: least }
}

async function legOn(
  client: ReadingClient,
  deployment: Deployment,
  token: Address,
  out: Address,
  tier: number,
  isSent: boolean,
): Promise<Leg> {
  const settler = { address: deployment.contracts.settler, abi: settlerAbi }
  const [rate, bounds] = await Promise.all([
    rateBetween(client, deployment, token, out),
    readContract(client, { ...settler, functionName: 'tier', args: [tier] }),
  ]).catch(throwDecoded)
  if (bounds.growSeconds !== 0) return { rate, bounds, isSent }
  throw new MatiError(`Chain ${deployment.name} has no slippage tier ${tier}`, {
    code: 'TIER_UNKNOWN',
    action: `Let the merchant register one of: ${deployment.tiers.map(({ id }) => id).join(', ')}.`,
  })
}

async function rateBetween(client: ReadingClient, deployment: Deployment, base: Address, quote: Address) {
  return isAddressEqual(base, quote) ? null : getRate(client, { deployment, base, quote })
}

async function registeredTier(client: ReadingClient, deployment: Deployment, merchant: Address): Promise<number> {
  const { payout } = await getMerchant(client, { deployment, merchant })
  if (payout) return payout.tier
  throw new MatiError(`Merchant ${merchant} is not registered on chain ${deployment.name}`, {
    code: 'MERCHANT_UNREGISTERED',
    action: 'Register it there with registerMerchant.',
  })
}

function requireMerchant(merchant: Address | undefined): Address {
  if (merchant) return merchant
  const action = 'Name the merchant in the invoice or pass `merchant`.'
  throw new MatiError('Nobody is named who is paid', { code: 'MERCHANT_MISSING', action })
}

function requireChain(name: string, deployment: Deployment): void {
  if (name === deployment.name) return
  const action = `Pass client and deployment of chain ${name}.`
  throw new MatiError(`The invoice says chain ${name}, not ${deployment.name}`, { code: 'WRONG_CHAIN', action })
}
