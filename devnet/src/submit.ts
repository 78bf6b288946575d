import { type Packet, toAddress } from '@mati/sdk/layerzero'
import { encodeFunctionData, encodePacked, keccak256, parseEventLogs, size, type TransactionReceipt } from 'viem'
import type { HDAccount } from 'viem/accounts'
import type { Compose } from './delivery.ts'
import { readSendConfig, type WorkerChain } from './inbox.ts'
import { chainKey, layerZero } from './layerzero.ts'
import type { SentPacket } from './packet.ts'
import { contractCall, type Call } from './sender.ts'

/** How long a DVN's signed instruction may be carried to the chain, in the chain's own seconds. */
const instructionLifetime = 86_400n
const maxGas = 25_000_000n

/** One transaction in which a DVN attests packets, all signed by its operator. */
export async function attest(
  packets: readonly Packet[],
  { dvnIndex, operator, source, destination }: DvnTask,
): Promise<Call> {
  const vid = chainKey(destination.eid)
  const target = destination.external.receiveLibrary
  const { timestamp } = await destination.client.getBlock()
  const expiration = timestamp + instructionLifetime
  const instructions = packets.map(async ({ header, payloadHash, srcEid, sender, dstEid }) => {
    const { confirmations } = await readSendConfig(source(srcEid), sender, dstEid)
    const { abi } = layerZero.receiveLibrary
    const args = [header, payloadHash, confirmations]
    const callData = encodeFunctionData({ abi, functionName: 'verify', args })
    const types = ['uint32', 'address', 'uint256', 'bytes'] as const
    const hash = keccak256(encodePacked(types, [vid, target, expiration, callData]))
    const signatures = await operator.signMessage({ message: { raw: hash } })
    return { vid, target, callData, expiration, signatures }
  })
  const dvn = destination.external.dvns[dvnIndex]
  if (!dvn) throw new RangeError(`Chain ${destination.name} has no DVN ${dvnIndex}`)
  const gas = 100_000n + 100_000n * BigInt(packets.length)
  return contractCall(layerZero.dvn, dvn, 'execute', [await Promise.all(instructions)], { gas })
}

export interface DvnTask {
  dvnIndex: number
  operator: HDAccount
  source: (eid: number) => WorkerChain
  destination: WorkerChain
}

/** Hands a fully attested packet to the endpoint. */
export function commit({ header, payloadHash }: Packet, { external }: WorkerChain): Call {
  const args = [header, payloadHash]
  return contractCall(layerZero.receiveLibrary, external.receiveLibrary, 'commitVerification', args, { gas: 250_000n })
}

/** Executes a committed packet with the gas and value that its options paid for. */
export function receive(packet: SentPacket, { external }: WorkerChain): Call {
  const { srcEid, sender, nonce, guid, message, options } = packet
  const { lzReceive, nativeDrops } = options
  const origin = { srcEid, sender, nonce }
  const receiver = toAddress(packet.receiver)
  const execution = { receiver, origin, guid, message, extraData: '0x', gasLimit: lzReceive.gas }
  const dropped = nativeDrops.reduce((sum, { amount }) => sum + amount, 0n)
  const gas = outerGas(lzReceive.gas, size(message)) + 60_000n * BigInt(nativeDrops.length)
  const settings = { gas, value: lzReceive.value + dropped }
  return nativeDrops.length === 0
    ? contractCall(layerZero.executor, external.executor, 'execute302', [execution], settings)
    : contractCall(
        layerZero.executor,
        external.executor,
        'nativeDropAndExecute302',
        [nativeDrops, 50_000n, execution],
        settings,
      )
}

/** Executes a composed message with the gas and value that its packet's options paid for. */
export function compose({ from, to, guid, index, message, gas, value }: Compose, { external }: WorkerChain): Call {
  const args = [from, to, guid, index, message, '0x', gas]
  return contractCall(layerZero.executor, external.executor, 'compose302', args, {
    gas: outerGas(gas, size(message)),
    value,
  })
}

/**
 * The gas of the executor's transaction: what it forwards (a call passes on at most 63 parts of 64), its calldata,
 * and the alert it writes when the inner call fails, with the message in it.
 */
function outerGas(inner: bigint, messageSize: number): bigint {
  const gas = (inner * 64n) / 63n + 150_000n + 40n * BigInt(messageSize)
  return gas < maxGas ? gas : maxGas
}

/**
 * The workers' contracts swallow failures: their transaction succeeds and only an event tells. Returns the names of
 * those events.
 */
export function swallowedFailures({ logs }: TransactionReceipt): string[] {
  const abi = [...layerZero.endpoint.abi, ...layerZero.dvn.abi]
  const failures = ['LzReceiveAlert', 'LzComposeAlert', 'VerifySignaturesFailed', 'ExecuteFailed']
  return parseEventLogs({ abi, logs })
    .map(nameOf)
    .filter((name) => failures.includes(name))
}

const nameOf = (log: { eventName?: string }) => log.eventName ?? ''

/** For a log line: which message. */
export const identify = (packet: Packet) => ({
  guid: packet.guid,
  srcEid: packet.srcEid,
  dstEid: packet.dstEid,
  nonce: packet.nonce,
  sender: toAddress(packet.sender),
})
