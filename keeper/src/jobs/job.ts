import type { Api } from '@mati/sdk'
import type { Hex } from 'viem'
import type { z } from 'zod'
import type { Chain, Head } from '../chains.ts'

export const jobNames = ['capture', 'settle', 'reclaim', 'resolve', 'deliver', 'open'] as const
export type JobName = (typeof jobNames)[number]

/** How running an action ended. Errors are for what nobody expects. */
export type Outcome =
  /** The effect is on the chain, by our own hand. */
  | { status: 'done'; hashes: readonly Hex[] }
  /** There is nothing left to do: most often another keeper was faster. */
  | { status: 'nothing'; reason: string }
  /** Not possible yet (no rate, bound not met): the same action will be planned again. */
  | { status: 'later'; reason: string }

/** What jobs read of the index, and nothing else. */
export type Index = Pick<Api, 'getPayments' | 'getGroups' | 'getMessages' | 'getPayoutAccounts'>

/** Each chain's own time in Unix seconds: its latest block's. A chain that is not here is none of ours. */
export type Clocks = ReadonlyMap<number, number>

export type PlanEdge = {
  index: Index
  clocks: Clocks
  /** Each chain's own LayerZero endpoint id. */
  eids: ReadonlyMap<number, number>
}
export type RunEdge = { chain: Chain; signal: AbortSignal }

/** One duty: what needs doing (read, then decided purely), and how it is done. */
export type Job<Action extends { chainId: number }> = {
  name: JobName
  /** Reads an action back from the queue. */
  schema: z.ZodType<Action>
  /** Names the subject within chain and duty: one action per key is queued or running at a time. */
  key(action: Action): string
  plan(edge: PlanEdge): Promise<Action[]>
  run(edge: RunEdge, action: Action): Promise<Outcome>
  /** Its plans leave out by themselves what is to be left alone for a while; only failed runs are paused after. */
  hasOwnPatience?: true
  /** Told of each new block; whether that calls for a plan at once. */
  onHead?(chain: Chain, head: Head): Promise<boolean>
}
