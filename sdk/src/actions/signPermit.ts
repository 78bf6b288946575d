import { type Account, type Address, encodeAbiParameters, type Hex, parseSignature } from 'viem'
import { requireTerms } from '../checkTerms.ts'
import { type Deployment, tokenOf } from '../deployment.ts'
import { MatiError } from '../errors.ts'
import type { Payment } from '../terms.ts'
import { permitTypes } from '../typedData.ts'
import type { WayIn } from './authorize.ts'
import { signPayment } from './signPayment.ts'

export type SignPermitParameters = {
  deployment: Deployment
  payment: Payment
  /** The token's next nonce of the payer: `getPermitNonce`. */
  nonce: bigint
  /** How much the collector may take, in units of the token; `maxAmount` by default. What is left serves later payments. */
  value?: bigint
  /** The last second at which the permit works, Unix; `authorizeBy` by default. */
  deadline?: bigint
}

/**
 * The allowance that the payer signs for the permit collector: EIP-2612 under the token's domain. Pure. It binds no terms:
 * the collector takes nothing but for payments that the payer signed as well.
 * @throws MatiError `NO_PERMIT` if the token takes none; InvalidInputError `TERMS_INVALID`.
 */
export function permitTypedData(parameters: SignPermitParameters) {
  const { deployment, payment, nonce, value = payment.maxAmount, deadline = BigInt(payment.authorizeBy) } = parameters
  requireTerms(payment, deployment)
  const token = tokenOf(deployment, payment.token)
  if (!token.permit) {
    const action = 'Use Permit2 (signPermit2), or let the payer call approve and authorize.'
    throw new MatiError(`${token.symbol} takes no EIP-2612 permits`, { code: 'NO_PERMIT', action })
  }
  return {
    domain: { name: token.name, version: token.version, chainId: deployment.chainId, verifyingContract: token.address },
    types: permitTypes,
    primaryType: 'Permit',
    message: { owner: payment.payer, spender: deployment.contracts.permitCollector, value, nonce, deadline },
  } as const
}

/**
 * A way in for a payer without gas whose token has EIP-2612: it signs the permit and the payment, and anyone relays both.
 * Nothing is sent.
 * @param account The payer's account, able to sign typed data (viem's local accounts are).
 * @example
 * const nonce = await getPermitNonce(client, { deployment, token: payment.token, owner: payer.address })
 * const way = await signPermit(payer, { deployment, payment, nonce })
 * const hash = await authorize(relayer, { deployment, payment, ...way })
 */
export async function signPermit(account: Account, parameters: SignPermitParameters): Promise<WayIn> {
  if (account.type !== 'local') {
    const action =
      'Sign permitTypedData(…) and paymentTypedData(…) with the wallet that holds the key: permitWay takes both.'
    throw new MatiError('The account cannot sign here', { code: 'NO_SIGNER', action })
  }
  const permit = await account.signTypedData(permitTypedData(parameters))
  const consent = await signPayment(account, parameters)
  return permitWay({ ...parameters, permit, consent })
}

/**
 * The way in of two signatures: of `permitTypedData` and of `paymentTypedData`. Pure.
 * @param parameters.consent Empty (`0x`) if the payer itself is going to call.
 */
export function permitWay(parameters: SignPermitParameters & { permit: Hex; consent: Hex }): WayIn {
  const { permit, consent } = parameters
  const { value, deadline } = permitTypedData(parameters).message
  const { r, s, yParity } = parseSignature(permit)
  const data = encodeAbiParameters(permitData, [{ value, deadline, v: 27 + yParity, r, s }, consent])
  const collector: Address = parameters.deployment.contracts.permitCollector
  return { collector, data }
}

/** What `PermitCollector` takes as its data, which no ABI tells: `(Permit permit, bytes signature)`. */
const permitData = [
  {
    type: 'tuple',
    components: [
      { name: 'value', type: 'uint256' },
      { name: 'deadline', type: 'uint256' },
      { name: 'v', type: 'uint8' },
      { name: 'r', type: 'bytes32' },
      { name: 's', type: 'bytes32' },
    ],
  },
  { type: 'bytes' },
] as const
