/** In which blocks messages were verified and credited, as the destination's own events tell it. */
import type { StackChain } from '@mati/demo'
import { matiGatewayAbi, receiveUln302Abi } from '@mati/sdk'
import { getAbiItem, type Hex, keccak256, slice } from 'viem'
import { BenchError } from '../error.ts'

const POLL_MS = 50

/** The block of each of the messages' credits since a block, by guid. */
export async function creditBlocks({ client, deployment }: StackChain, fromBlock: bigint): Promise<Map<Hex, bigint>> {
  const event = getAbiItem({ abi: matiGatewayAbi, name: 'PayoutsCredited' })
  const logs = await client.getLogs({ address: deployment.contracts.gateway, event, fromBlock, strict: true })
  return new Map(logs.map(({ args: { guid }, blockNumber }) => [guid, blockNumber]))
}

/** The blocks of each of the messages' attestations since a block, by guid, in their order. */
export async function attestationBlocks({ client, deployment }: StackChain, fromBlock: bigint) {
  const event = getAbiItem({ abi: receiveUln302Abi, name: 'PayloadVerified' })
  const address = deployment.external.receiveLibrary
  const logs = await client.getLogs({ address, event, fromBlock, strict: true })
  const blocks = new Map<Hex, bigint[]>()
  for (const { args, blockNumber } of logs) {
    // A guid is the hash of the header without its version.
    const guid = keccak256(slice(args.header, 1))
    blocks.set(guid, [...(blocks.get(guid) ?? []), blockNumber])
  }
  return blocks
}

/** Asks again and again until it holds. @throws BenchError after so long. */
export async function until(what: string, holds: () => Promise<boolean>, timeoutMs = 120_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new BenchError(`${what}: not within ${timeoutMs / 1_000} s.`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** Notes when each block was first seen, in milliseconds of which only differences count. */
export function watchBlockTimes({ client }: StackChain): { seen: ReadonlyMap<bigint, number>; stop: () => void } {
  const seen = new Map<bigint, number>()
  const onBlockNumber = (block: bigint) => void seen.set(block, performance.now())
  const watch = { onBlockNumber, emitMissed: true, emitOnBegin: true, pollingInterval: 20 }
  return { seen, stop: client.watchBlockNumber(watch) }
}
