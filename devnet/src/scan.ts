import { parseEventLogs, type Address, type Hex } from 'viem'
import type { WorkerChain } from './inbox.ts'
import { layerZero } from './layerzero.ts'

/** Blocks that are looked at again in every scan, so that a reorganisation is noticed. */
const overlap = 32n

/** What an endpoint said in a range of blocks. */
export type EndpointEvent =
  | { name: 'PacketSent'; block: { number: bigint; hash: Hex }; encoded: Hex; options: Hex }
  | { name: 'ComposeSent'; from: Address; to: Address; guid: Hex; index: number; message: Hex }
  | { name: 'LzReceiveAlert'; executor: Address; guid: Hex }
  | { name: 'LzComposeAlert'; executor: Address; from: Address; to: Address; guid: Hex; index: number }

/** Reads an endpoint's events since the last call; the first call reads all there are. */
export function createScanner({ client, external }: WorkerChain): () => Promise<EndpointEvent[]> {
  let next = 0n
  return async () => {
    const toBlock = await client.getBlockNumber()
    const start = next < toBlock ? next : toBlock
    const fromBlock = start > overlap ? start - overlap : 0n
    const logs = await client.getLogs({ address: external.endpoint, fromBlock, toBlock })
    next = toBlock + 1n
    return parseEventLogs({ abi: layerZero.endpoint.abi, logs }).flatMap((log) => toEvent(log as unknown as ParsedLog))
  }
}

/** The endpoint's ABI comes from a JSON file, so its types are stated here, beside the names of the events. */
interface ParsedLog {
  eventName: string
  blockNumber: bigint
  blockHash: Hex
  args: Record<string, unknown>
}

function toEvent({ eventName, blockNumber, blockHash, args }: ParsedLog): EndpointEvent[] {
  const compose = () => ({
    from: args['from'] as Address,
    to: args['to'] as Address,
    guid: args['guid'] as Hex,
    index: args['index'] as number,
  })
  switch (eventName) {
    case 'PacketSent': {
      const block = { number: blockNumber, hash: blockHash }
      return [{ name: eventName, block, encoded: args['encodedPayload'] as Hex, options: args['options'] as Hex }]
    }
    case 'ComposeSent':
      return [{ name: eventName, ...compose(), message: args['message'] as Hex }]
    case 'LzReceiveAlert': {
      const [executor, guid] = [args['executor'] as Address, args['guid'] as Hex]
      return [{ name: eventName, executor, guid }]
    }
    case 'LzComposeAlert':
      return [{ name: eventName, executor: args['executor'] as Address, ...compose() }]
    default:
      return []
  }
}
