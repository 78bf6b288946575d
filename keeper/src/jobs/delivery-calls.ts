/** The calls that bring a message along, all of which anyone may make: who makes them is looked at by none. Pure. */
import { endpointV2Abi, matiTokenAbi, receiveUln302Abi, type Deployment } from '@mati/sdk'
import { composeOf, hasCompose, type Packet, recipientOf, toAddress } from '@mati/sdk/layerzero'
import { encodeFunctionData, isAddressEqual, size, type Address, type Hex } from 'viem'

/** `commit` its verification, `receive` it, `release` it from waiting, execute its `compose` (the credit). */
export const deliverSteps = ['commit', 'receive', 'release', 'compose'] as const
export type DeliverStep = (typeof deliverSteps)[number]

export type DeliverCall = { step: DeliverStep; to: Address; data: Hex }

/** What goes together: a compose is fully determined by the packet, so it needs not wait for the receipt. */
const FOLLOWED_BY: Readonly<Record<DeliverStep, readonly DeliverStep[]>> = {
  commit: ['receive', 'compose'],
  receive: ['compose'],
  release: ['compose'],
  compose: [],
}

export type CallsOptions = {
  deployment: Deployment
  /** The token's units in one unit of its shared decimals. */
  unitsPerShared: bigint
}

/** Where a message stands: the step it needs, and what `release` takes of it if that is to release it. */
export type Start = { step: DeliverStep; waitingMessage: Hex | null }

/**
 * The calls from one step on, in their order. What a recipient that is no gateway of ours executes is left to those who
 * want it: it may burn all the gas it finds, at the expense of whoever calls.
 */
export function callsOf(packet: Packet, { step: first, waitingMessage }: Start, options: CallsOptions): DeliverCall[] {
  const { message } = packet
  const { gateway } = options.deployment.contracts
  const isPayout = hasCompose(message) && isAddressEqual(recipientOf(message), gateway)
  const later = FOLLOWED_BY[first].filter((step) => step !== 'compose' || isPayout)
  if (first === 'release' && waitingMessage === null) return []
  return [first, ...later].map((step) => ({ step, ...encodeStep(packet, step, { ...options, waitingMessage }) }))
}

/** Gas that a step of ours is thought to take, for putting batches together: what a batch really takes is estimated. */
const COMMIT_GAS = 90_000n
const RECEIVE_GAS = 130_000n
const RELEASE_GAS = 150_000n
const COMPOSE_GAS = 160_000n
const COMPOSE_GAS_PER_PAYOUT = 40_000n
/** Bytes of a payout in a message, and of what precedes them in a message of the gateway's. */
const PAYOUT_BYTES = 28
const BEFORE_PAYOUTS = 73

/** How much of a transaction's gas a message's calls may take. Only a hint: what does not fit is divided. */
export function gasHintOf(packet: Packet, calls: readonly DeliverCall[]): bigint {
  const payouts = BigInt(Math.max(0, Math.ceil((size(packet.message) - BEFORE_PAYOUTS) / PAYOUT_BYTES)))
  const gas = {
    commit: COMMIT_GAS,
    receive: RECEIVE_GAS,
    release: RELEASE_GAS,
    compose: COMPOSE_GAS + COMPOSE_GAS_PER_PAYOUT * payouts,
  }
  return calls.reduce((sum, { step }) => sum + gas[step], 0n)
}

type StepOptions = CallsOptions & Pick<Start, 'waitingMessage'>

function encodeStep(packet: Packet, step: DeliverStep, { deployment, unitsPerShared, waitingMessage }: StepOptions) {
  const { endpoint, receiveLibrary } = deployment.external
  const { srcEid, sender, nonce, guid, message, header, payloadHash } = packet
  const token = toAddress(packet.receiver)
  if (step === 'commit') {
    const args = [header, payloadHash] as const
    const data = encodeFunctionData({ abi: receiveUln302Abi, functionName: 'commitVerification', args })
    return { to: receiveLibrary, data }
  }
  if (step === 'receive') {
    const args = [{ srcEid, sender, nonce }, token, guid, message, '0x'] as const
    return { to: endpoint, data: encodeFunctionData({ abi: endpointV2Abi, functionName: 'lzReceive', args }) }
  }
  if (step === 'release') {
    const args = [guid, srcEid, waitingMessage ?? '0x'] as const
    return { to: token, data: encodeFunctionData({ abi: matiTokenAbi, functionName: 'release', args }) }
  }
  const { to, message: composed } = composeOf(packet, unitsPerShared)
  const args = [token, to, guid, 0, composed, '0x'] as const
  return { to: endpoint, data: encodeFunctionData({ abi: endpointV2Abi, functionName: 'lzCompose', args }) }
}
