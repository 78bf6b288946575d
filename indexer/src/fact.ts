/** Where and when an event happened, as the first columns of its row. */
import type { Address, Hex } from 'viem'
import type { Fact } from './follow/facts.ts'
import type { StepRow } from './message-view.ts'

interface LogEvent {
  log: { logIndex: number }
  block: { number: bigint; timestamp: bigint }
  transaction: { hash: Hex; from: Address }
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

type Step = { guid: Hex; kind: StepRow['kind'] } & Partial<Pick<StepRow, 'reason' | 'gas' | 'kept' | 'returnGuid'>>

/** A step of a message, with who took it. */
export function stepOf(event: LogEvent, context: { chain: { id: number } }, step: Step) {
  return { ...factOf(event, context), by: event.transaction.from, ...step }
}
