/** Transactions of the bench: sent, mined, and what they took; messages, by what the source endpoint told. */
import { endpointV2Abi, MatiError, receiveUln302Abi, sendCall, type SendingClient } from '@mati/sdk'
import { composeOf, decodePacket, hasCompose, type Packet, toAddress } from '@mati/sdk/layerzero'
import type { StackChain } from '@mati/demo'
import { type Log, parseEventLogs, type TransactionReceipt } from 'viem'
import { simulateContract, waitForTransactionReceipt } from 'viem/actions'

/** The units of an 18-decimal OFT in one of its shared 6. */
export const UNITS_PER_SHARED = 10n ** 12n

const VERIFIED_WITHIN_MS = 60_000

/** Sends a call and waits for it. @throws MatiError if it reverted. */
export async function mine(client: SendingClient, call: Parameters<typeof sendCall>[1]): Promise<TransactionReceipt> {
  const hash = await sendCall(client, call)
  const receipt = await waitForTransactionReceipt(client, { hash, pollingInterval: 50 })
  if (receipt.status === 'success') return receipt
  throw new MatiError(`${call.functionName} reverted`, { code: 'BENCH_REVERTED', action: `Look at ${hash}.` })
}

/** The messages that a transaction sent. */
export function packetsIn(logs: Log[]): Packet[] {
  return parseEventLogs({ abi: endpointV2Abi, logs, eventName: 'PacketSent' }).flatMap(
    ({ args }) => decodePacket(args.encodedPayload) ?? [],
  )
}

/**
 * Delivers a message once all its DVNs have attested it, each step a transaction of its own, as anybody may.
 * @returns What `lzCompose` took; null where nothing is composed.
 */
export async function deliver(chain: StackChain, client: SendingClient, packet: Packet): Promise<number | null> {
  const { srcEid, sender, nonce, guid, message, header, payloadHash } = packet
  const { endpoint, receiveLibrary } = chain.deployment.external
  const receiver = toAddress(packet.receiver)
  const commit = {
    address: receiveLibrary,
    abi: receiveUln302Abi,
    functionName: 'commitVerification',
    args: [header, payloadHash],
  } as const
  await attested(client, commit)
  await mine(client, commit)
  const contract = { address: endpoint, abi: endpointV2Abi } as const
  const origin = { srcEid, sender, nonce }
  await mine(client, { ...contract, functionName: 'lzReceive', args: [origin, receiver, guid, message, '0x'] })
  if (!hasCompose(message)) return null
  const composed = composeOf(packet, UNITS_PER_SHARED)
  const args = [receiver, composed.to, guid, 0, composed.message, '0x'] as const
  const { gasUsed } = await mine(client, { ...contract, functionName: 'lzCompose', args })
  return Number(gasUsed)
}

async function attested(client: SendingClient, commit: Parameters<typeof simulateContract>[1]): Promise<void> {
  const deadline = performance.now() + VERIFIED_WITHIN_MS
  for (;;) {
    try {
      await simulateContract(client, { ...commit, account: client.account })
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
