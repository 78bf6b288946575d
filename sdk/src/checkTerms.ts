/** What the escrow asks of a payment's terms (`MatiEscrow._requireTerms`), asked before anybody signs or pays. Pure. */
import { type Address, isAddressEqual, zeroAddress } from 'viem'
import type { Deployment } from './deployment.ts'
import { InvalidInputError } from './errors.ts'
import type { Payment } from './terms.ts'

const BPS = 10_000

/**
 * Refuses terms that contradict themselves: the escrow would never open such a payment, so what was signed would be
 * worth nothing, and what was sent to its deposit address would wait or be lost.
 *
 * What only the chain knows (the time, the tokens it allows, a pause) is not asked here.
 * @throws InvalidInputError `TERMS_INVALID`, with one issue for each term that is wrong.
 */
export function requireTerms(payment: Payment, deployment: Pick<Deployment, 'contracts'>): void {
  const issues = rulesOf(payment, deployment.contracts.escrow).flatMap(([term, holds, must]) =>
    holds ? [] : [`${term}: ${String(payment[term])} must ${must}`],
  )
  if (issues.length > 0) throw new InvalidInputError('TERMS_INVALID', 'The payment', issues)
}

/** Each rule with the term that the escrow names when it is broken, in the escrow's order. */
function rulesOf(p: Payment, escrow: Address): (readonly [term: keyof Payment, holds: boolean, must: string])[] {
  const isRecipient = (account: Address) => !isAddressEqual(account, zeroAddress) && !isAddressEqual(account, escrow)
  const isDisputable = !isAddressEqual(p.arbiter, zeroAddress)
  const isDueInToken = isAddressEqual(p.currency, p.token)
  const beRecipient = 'be an account that can be paid: neither the zero address nor the escrow'
  return [
    ['authorizeBy', p.authorizeBy <= p.captureBy, `not be later than captureBy (${p.captureBy})`],
    ['captureAfter', p.captureAfter <= p.captureBy, `not be later than captureBy (${p.captureBy})`],
    ['maxAmount', p.maxAmount > 0n, 'be positive'],
    ['due', p.due > 0n, 'be positive'],
    ['due', !isDueInToken || p.due <= p.maxAmount, `be at most maxAmount (${p.maxAmount}), being in the same token`],
    ['fallbackAmount', p.fallbackAmount <= p.maxAmount, `be at most maxAmount (${p.maxAmount})`],
    ['minFeeBps', p.minFeeBps <= p.maxFeeBps, `be at most maxFeeBps (${p.maxFeeBps})`],
    ['maxFeeBps', p.maxFeeBps <= BPS, `be at most ${BPS}`],
    ['feeReceiver', p.maxFeeBps === 0 || isRecipient(p.feeReceiver), beRecipient],
    ['merchant', isRecipient(p.merchant), beRecipient],
    ['refundTo', isRecipient(p.refundTo), beRecipient],
    isDisputable
      ? ['resolveBy', p.resolveBy >= p.captureBy, `not be earlier than captureBy (${p.captureBy})`]
      : ['resolveBy', p.resolveBy === 0, 'be 0 where there is no arbiter'],
    isDisputable
      ? ['defaultMerchantBps', p.defaultMerchantBps <= BPS, `be at most ${BPS}`]
      : ['defaultMerchantBps', p.defaultMerchantBps === 0, 'be 0 where there is no arbiter'],
  ]
}
