import type { Hash } from 'viem'
import { requireTerms } from '../checkTerms.ts'
import type { Deployment } from '../deployment.ts'
import { nativeCollectorAbi } from '../generated/index.ts'
import type { Payment } from '../terms.ts'
import { requireSameChain, sendCall, type SendingClient } from '../transaction.ts'

export type AuthorizeNativeParameters = {
  deployment: Deployment
  /** In the chain's wrapped native coin. */
  payment: Payment
}

/**
 * Holds a payment's `maxAmount` in native coins, which the client's account, the payer, sends along and which are wrapped on
 * the way. What ever comes back comes back wrapped.
 * @returns The transaction's hash.
 * @throws InvalidInputError `TERMS_INVALID`; RevertError such as `NativeCollector_WrongToken`, `NativeCollector_NotPayer`.
 * @example const hash = await authorizeNative(payer, { deployment, payment })
 */
export async function authorizeNative(client: SendingClient, parameters: AuthorizeNativeParameters): Promise<Hash> {
  return sendNative(client, 'authorize', parameters)
}

/** Calls the native collector with the payment and its `maxAmount` in native coins. */
export async function sendNative(
  client: SendingClient,
  functionName: 'authorize' | 'charge',
  { deployment, payment }: AuthorizeNativeParameters,
): Promise<Hash> {
  requireSameChain(client, deployment)
  requireTerms(payment, deployment)
  return sendCall(client, {
    address: deployment.contracts.nativeCollector,
    abi: nativeCollectorAbi,
    functionName,
    args: [payment],
    value: payment.maxAmount,
  })
}
