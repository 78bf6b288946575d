/** What to do about a revert, by its name (and by the text of those that have no name). */
import type { Revert } from './reverts.ts'

export type Advice = { action: string; retryable: boolean }

const later = (action: string): Advice => ({ action, retryable: true })
const change = (action: string): Advice => ({ action, retryable: false })

const byName: Readonly<Record<string, Advice>> = {
  Escrow_AuthorizeExpired: change('Ask the merchant for a new invoice.'),
  Escrow_BadTerms: change('Build the terms anew: the one it names contradicts the others.'),
  Escrow_CaptureIsFrozen: later("Wait until the guardian's freeze is over."),
  Escrow_CaptureTooEarly: later('Wait until captureAfter.'),
  Escrow_CaptureExpired: change('The hold can only be reclaimed now.'),
  Escrow_CollectorNotAllowed: change('Pay through one of the collectors that the escrow allows.'),
  Escrow_DefaultTooEarly: later("Wait until the arbiter's time, resolveBy, has passed."),
  Escrow_DisputeTooLate: change('Ask the merchant for a refund: captures may have begun.'),
  Escrow_FreezeTooLate: change("Nothing: it would outlast the merchant's time."),
  Escrow_FrozenBefore: change('Nothing: a payment is frozen once at most.'),
  Escrow_NoArbiter: change('Ask the merchant to void the payment or to refund it: its terms name no arbiter.'),
  Escrow_NotArbiter: change('Call as the arbiter that the terms name.'),
  Escrow_ReclaimTooEarly: later('Wait until captureBy has passed.'),
  Escrow_ShortfallExceeded: later('Wait for a better rate, or let the merchant capture itself.'),
  Escrow_InsufficientGas: later('Send the same call with more gas.'),
  Escrow_InsufficientLedger: change('Take at most the ledger balance.'),
  Escrow_IntakePaused: later('Wait until authorizing is open again; captures, voids and reclaims go on.'),
  Escrow_NotMerchant: change('Call as the merchant or as an operator it registered.'),
  Escrow_NotPayer: change(
    'Call as the payer, or pass what it signed: signPayment to authorize, signAuthorization to authorizeWithAuthorization.',
  ),
  Escrow_RefundExceeded: change('Refund at most what was captured and not refunded yet, within the bound you gave.'),
  Escrow_RulingExceedsHold: change('Give the merchant at most what is held.'),
  Escrow_RulingTooLate: change('Anyone can apply the default split now: resolveByDefault.'),
  Escrow_TokenNotAllowed: change('Pay in one of the tokens of the deployment.'),
  Escrow_WrongStatus: change("Read the payment's state: this step was done already, or its turn is over."),
  SignatureVerifier_UnknownFactory: change('Deploy the wallet first, or use one of a factory that is known here.'),
  DepositAddresses_Underpaid: later("Send what is missing to the payment's deposit address."),
  DepositAddresses_StillOpen: later('Open the payment, or wait until authorizeBy has passed.'),
  Gateway_InsufficientGas: later('Send the same call with more gas.'),
  IntakeLimits_Exceeded: later('Wait until windowEnd, or pay less.'),
  IntakeLimits_Refused: change('Nothing: payments with that account are refused here.'),
  NativeCollector_NotPayer: change('Call as the payer.'),
  NativeCollector_WrongToken: change('Pay by native coins only what is due in the wrapped one.'),
  PermitCollector_AllowanceTooSmall: change("Sign the permit anew, with the payer's present nonce in the token."),
  PermitCollector_NotPayer: change("Pass the payer's signature of the payment with the permit: signPermit makes both."),
  CaptureAndSettle_NotMerchant: change('Call as the merchant or an operator of its, or settle without it.'),
  CaptureOrders_Malformed: change('Pass the orders as packOrders makes them.'),
  StockSolver_TooDear: later('Preview the settlement again and allow as much, or wait: the bound falls.'),
  Oracle_PriceUnavailable: later('Wait for a fresh price of the asset.'),
  ChainlinkSource_Stale: later("Wait for the feed's next round."),
  ChainlinkSource_SequencerDown: later('Wait until the sequencer is up again, and its grace period over.'),
  ChainlinkSource_GracePeriod: later("Wait until the sequencer's grace period is over."),
  CheckedSource_Apart: later('Wait until the feed and the pool agree again.'),
  CheckedSource_ReferenceUnavailable: later('Wait until what the price is checked against is to be had again.'),
  UniswapV3TwapSource_HistoryTooShort: later('Wait until the pool has observations over the whole window and an hour.'),
  UniswapV3TwapSource_LiquidityTooLow: later('Wait until the pool has had more liquidity for a while.'),
  UniswapV3TwapSource_Apart: later('Wait until the pool is back at its mean.'),
  UniswapV3TwapSource_ChangeTooLarge: later('Wait until the mean moved less within an hour.'),
  PayoutAccounts_NotMerchant: change('Call as the merchant of the payout account, or distribute it as a recipient.'),
  PayoutAccounts_NotParty: change('Call as the merchant or one of the recipients in the terms.'),
  PayoutAccounts_NothingToDistribute: later('Wait until something arrives in the payout account.'),
  Registry_NonceUsed: change('Sign the registration with a greater nonce.'),
  Registry_BadSignature: change("Sign with the merchant's own key."),
  Settler_BelowBound: later('Wait: the allowance grows. Or use a solver or a path that delivers more.'),
  Settler_InsufficientGas: later('Send the same call with more gas.'),
  Settler_NotCovered: later('Cross fewer balances of the covered group, or settle both through solvers.'),
  Settler_NotOpposite: change("Cross two groups of this chain, each of which wants the other's token."),
  Settler_MessageUnpaid: later('Quote the message again and send that much along.'),
  Settler_NothingToSettle: later('Wait until a balance of the group is due.'),
  UniswapV3Solver_NotFilled: later('Settle a part: a pool ran dry before it took all.'),
  UniswapV3Solver_TooLittle: later('Wait: the bound falls. Or take another path or solver.'),
  Token_InboundPaused: later('Wait until the pause ends: what arrived stays where it is.'),
  Token_NotWaiting: change('Nothing: it was released already, or never waited.'),
  Token_OutboundPaused: later('Wait until sending to that chain is open again, or stay on this one.'),
  Token_OverLimit: later('Wait until the allowance has refilled, or send less.'),
  ERC20InsufficientAllowance: change("Approve the escrow for the payment's maxAmount first."),
  ERC20InsufficientBalance: change('Fund the payer with the token.'),
  AccessManagedUnauthorized: change('Call through the access manager, in the role that it asks for.'),
  Panic: change('This is a bug in a contract: report it with the transaction.'),
}

/** Reasons of Uniswap v3 and of tokens that revert with a text. */
const byText: Readonly<Record<string, Advice>> = {
  'Too little received': later('Wait for the price to come back, or allow more slippage.'),
  'Price slippage check': later('Read the pool again and allow more slippage.'),
  'Transaction too old': later('Send it again with a later deadline.'),
  STF: change('Check balance and allowance of the token that is paid.'),
  'FiatTokenV2: authorization is expired': change('Ask the payer to sign a new payment.'),
  'FiatTokenV2: authorization is used or canceled': change('This payment was made already: read its state.'),
  'FiatTokenV2: invalid signature': change(
    "Sign with the payer's key, under the token's domain (name, version, chain, address).",
  ),
}

/** The advice on a revert; of one within another, that of the inner one where there is any. */
export function adviceOf(revert: Revert | null): Advice {
  if (!revert) return change('Look at the call and at the chain.')
  const own = byName[revert.name] ?? byText[String(revert.values[0])]
  const inner = revert.reasons.map(adviceOf)[0]
  return own ?? inner ?? change('Correct what it names.')
}
