/** EIP-712 types of what payers and merchants sign, read off the ABI, so that they cannot drift from the contracts. */
import type { AbiParameter, TypedDataDomain } from 'viem'
import { keccak256, stringToHex } from 'viem'
import { matiEscrowAbi, merchantRegistryAbi } from './generated/index.ts'

export type TypedDataTypes = Readonly<Record<string, readonly { name: string; type: string }[]>>

/** The types of a struct and of all structs within it. */
function typesOf(parameter: AbiParameter): TypedDataTypes {
  const [, struct, array] = /^struct (\w+)((?:\[\])*)$/.exec(parameter.internalType ?? '') ?? []
  if (struct === undefined || array === undefined || !('components' in parameter)) return {}
  const fields = parameter.components.map((field) => ({ name: field.name ?? '', type: typeName(field) }))
  return Object.assign({ [struct]: fields }, ...parameter.components.map(typesOf)) as TypedDataTypes
}

function typeName(field: AbiParameter): string {
  return field.internalType?.startsWith('struct ') ? field.internalType.slice('struct '.length) : field.type
}

function structArgument(abi: readonly { type: string; name?: string }[], functionName: string): AbiParameter {
  const item = abi.find((entry) => entry.type === 'function' && entry.name === functionName)
  return (item as unknown as { inputs: readonly [AbiParameter] }).inputs[0]
}

export const paymentTypes = typesOf(structArgument(matiEscrowAbi, 'authorize'))
export const registrationTypes = typesOf(structArgument(merchantRegistryAbi, 'register'))

/** ERC-3009's own type: the standard fixes it. */
export const receiveWithAuthorizationTypes = {
  ReceiveWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

/** EIP-2612's own type, likewise. */
export const permitTypes = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

/** Permit2's transfer with a witness, which here is the payment. */
export const permit2Types = {
  PermitWitnessTransferFrom: [
    { name: 'permitted', type: 'TokenPermissions' },
    { name: 'spender', type: 'address' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
    { name: 'witness', type: 'Payment' },
  ],
  TokenPermissions: [
    { name: 'token', type: 'address' },
    { name: 'amount', type: 'uint256' },
  ],
  ...paymentTypes,
}

/** An escrow's domain: the same terms mean another payment on another chain or in another escrow. */
export function escrowDomain(deployment: { chainId: number; contracts: { escrow: `0x${string}` } }): TypedDataDomain {
  return {
    name: 'Mati Escrow',
    version: '1',
    chainId: deployment.chainId,
    verifyingContract: deployment.contracts.escrow,
  }
}

/** The registry's domain: no chain and no contract, so that one signature holds on every chain. */
export const registryDomain: TypedDataDomain = {
  name: 'Mati Merchant Registry',
  version: '1',
  salt: keccak256(stringToHex('mati.merchant-registry')),
}
