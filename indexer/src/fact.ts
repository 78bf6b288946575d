/** Where and when an event happened, as the first columns of its row. */
import type { Hex } from 'viem'
import type { Fact } from './follow/facts.ts'

interface LogEvent {
  log: { logIndex: number }
  block: { number: bigint; timestamp: bigint }
  transaction: { hash: Hex }
  transactionReceipt: { gasUsed: bigint }
}

export function factOf(event: LogEvent, context: { chain: { id: number } }): Fact {
  return {
    chainId: context.chain.id,
    hash: event.transaction.hash,
    blockNumber: event.block.number,
    logIndex: event.log.logIndex,
    timestamp: Number(event.block.timestamp),
    gasUsed: event.transactionReceipt.gasUsed,
  }
}
