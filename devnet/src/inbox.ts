import { type Packet, toAddress } from '@mati/sdk/layerzero'
import { encodeFunctionData, keccak256, type Address, type Hex } from 'viem'
import { read, type ChainClient } from './client.ts'
import { dvnNames, type Compose, type MessageState } from './delivery.ts'
import { layerZero, type LayerZeroAddresses } from './layerzero.ts'
import type { SentPacket } from './packet.ts'

/** A chain as the workers see it. */
export interface WorkerChain {
  name: string
  eid: number
  wsUrl: string
  client: ChainClient
  external: LayerZeroAddresses
}

interface UlnConfig {
  confirmations: bigint
  requiredDVNs: readonly Address[]
  optionalDVNs: readonly Address[]
}

/** Reads from both of its chains how far a message has come. Nothing is remembered: a restarted worker reads the same. */
export async function readMessage(
  packet: SentPacket,
  source: WorkerChain,
  destination: WorkerChain,
): Promise<MessageState> {
  const { srcEid, sender, nonce, payloadHash, header } = packet
  const { endpoint, receiveLibrary } = destination.external
  const receiver = toAddress(packet.receiver)
  const headerHash = keccak256(header)
  const pathway = [receiver, srcEid, sender] as const
  const onEndpoint = <Result>(functionName: string, ...args: readonly unknown[]) =>
    read<Result>(destination.client, layerZero.endpoint, endpoint, functionName, args)
  const onLibrary = <Result>(functionName: string, ...args: readonly unknown[]) =>
    read<Result>(destination.client, layerZero.receiveLibrary, receiveLibrary, functionName, args)

  const [lazyNonce, inboundNonce, inboundHash] = await Promise.all([
    onEndpoint<bigint>('lazyInboundNonce', ...pathway),
    onEndpoint<bigint>('inboundNonce', ...pathway),
    onEndpoint<Hex>('inboundPayloadHash', ...pathway, nonce),
  ])
  const committed = inboundHash === payloadHash
  const delivered = BigInt(inboundHash) === 0n && nonce <= lazyNonce
  const state = { packet, committed, delivered, inboundNonce }
  if (committed || delivered) return { ...state, confirmed: true, awaited: [], committable: false }

  const [assigned, required, confirmed] = await Promise.all([
    readAssignment(packet, source),
    onLibrary<UlnConfig>('getUlnConfig', receiver, srcEid),
    isConfirmed(packet, source),
  ])
  const [verifiable, ...attested] = await Promise.all([
    onLibrary<boolean>('verifiable', required, headerHash, payloadHash),
    ...destination.external.dvns.map((dvn) =>
      onLibrary<readonly [boolean, bigint]>('hashLookup', headerHash, payloadHash, dvn).then(
        ([submitted]) => submitted,
      ),
    ),
  ])
  const awaited = dvnNames.filter((_, i) => assigned.has(source.external.dvns[i] ?? '0x') && !attested[i])
  const committable = verifiable && (await takesCommit())
  return { ...state, confirmed, awaited, committable }

  // A receiver that has no peer for the sender yet refuses to have its pathway opened; that is not the worker's fault.
  function takesCommit(): Promise<boolean> {
    const { abi } = layerZero.receiveLibrary
    const data = encodeFunctionData({ abi, functionName: 'commitVerification', args: [header, payloadHash] })
    const call = destination.client.call({ to: receiveLibrary, data })
    return call.then(
      () => true,
      () => false,
    )
  }
}

/** The DVNs (of the source chain) that were paid for the message. */
async function readAssignment({ sender, dstEid }: Packet, source: WorkerChain): Promise<Set<string>> {
  const config = await readSendConfig(source, sender, dstEid)
  return new Set([...config.requiredDVNs, ...config.optionalDVNs])
}

/** Confirmations count from the block itself; a block that a reorganisation dropped has none. */
async function isConfirmed({ sender, dstEid, sentIn }: SentPacket, source: WorkerChain): Promise<boolean> {
  const [config, head, block] = await Promise.all([
    readSendConfig(source, sender, dstEid),
    source.client.getBlockNumber(),
    source.client.getBlock({ blockNumber: sentIn.number }).catch(() => undefined),
  ])
  return block?.hash === sentIn.hash && head + 1n - sentIn.number >= config.confirmations
}

/** What the sender's DVNs attest to: the confirmations that its configuration asks for. */
export function readSendConfig(source: WorkerChain, sender: Hex, dstEid: number): Promise<UlnConfig> {
  const args = [toAddress(sender), dstEid]
  return read(source.client, layerZero.sendLibrary, source.external.sendLibrary, 'getUlnConfig', args)
}

/** Whether a composed message still waits at the endpoint. */
export async function isComposeWaiting({ from, to, guid, index, message }: Compose, at: WorkerChain): Promise<boolean> {
  const args = [from, to, guid, index]
  const hash = await read<Hex>(at.client, layerZero.endpoint, at.external.endpoint, 'composeQueue', args)
  return hash === keccak256(message)
}
