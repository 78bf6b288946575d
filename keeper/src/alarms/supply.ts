/** Whether there is as much Mati as was minted at genesis, and no more arrived than was sent (invariant 11). Pure. */
import { formatEther } from 'viem'
import type { Finding } from './alarms.ts'

/** What one chain's token says at one block. */
export type TokenCounters = {
  chainId: number
  name: string
  eid: number
  /** The genesis mint of this chain, in units of the token, as everything here. */
  genesis: bigint
  blockNumber: bigint
  supply: bigint
  /** By the other chains' eids. */
  sent: ReadonlyMap<number, bigint>
  received: ReadonlyMap<number, bigint>
}

/** What was read first of all chains, and then once more: each chain at one block, the chains at different moments. */
export type SupplySight = { earlier: readonly TokenCounters[]; later: readonly TokenCounters[] }

/** A look may go to nodes behind one address of which one lags: what lasts for so many is no such thing. */
const LOOKS = 3

/**
 * A chain's supply changes only by what it mints at genesis, sends and receives, so at any one block
 * `supply = genesis − Σ sent + Σ received` holds, whatever the other chains are at; over all chains that makes supply
 * and what is in flight the genesis mint. What was received (earlier) is compared with what was sent (later): arrivals
 * in between can raise no false alarm.
 */
export function assessSupply({ earlier, later }: SupplySight): Finding[] {
  return [...later.flatMap(assessChain), ...assessCounters(earlier, later)]
}

function assessChain(counters: TokenCounters): Finding[] {
  const { chainId, name, genesis, blockNumber, supply, sent, received } = counters
  const expected = genesis - sum(sent) + sum(received)
  if (supply === expected) return []
  const what = `${name} has ${mati(supply)} at block ${blockNumber}, where genesis, sent and received make ${mati(expected)}`
  const action =
    'Pause new sends and arrivals on every chain (guardian), then look for the mint or burn that no message explains. ' +
    'A peer whose chain this keeper does not serve also looks like this.'
  return [{ kind: 'supply', key: `supply:${chainId}`, what, action, looks: LOOKS }]
}

function assessCounters(earlier: readonly TokenCounters[], later: readonly TokenCounters[]): Finding[] {
  return later.flatMap((source) =>
    earlier.flatMap((destination): Finding[] => {
      const sent = source.sent.get(destination.eid) ?? 0n
      const received = destination.received.get(source.eid) ?? 0n
      if (source.chainId === destination.chainId || received <= sent) return []
      const what = `${destination.name} received ${mati(received)} from ${source.name}, which sent only ${mati(sent)}`
      const action =
        `Pause arrivals from ${source.name} on ${destination.name} (guardian): messages were forged, ` +
        `or ${source.name} lost a block with a sending in it. Compare both endpoints' events.`
      return [{ kind: 'counters', key: `counters:${source.eid}:${destination.eid}`, what, action, looks: LOOKS }]
    }),
  )
}

/** What is on its way on each pathway, never below 0: what arrives between the two reads is not counted. */
export function inFlight({ earlier, later }: SupplySight): { from: number; to: number; amount: bigint }[] {
  return later.flatMap((source) =>
    earlier
      .filter(({ chainId }) => chainId !== source.chainId)
      .map((destination) => {
        const amount = (source.sent.get(destination.eid) ?? 0n) - (destination.received.get(source.eid) ?? 0n)
        return { from: source.chainId, to: destination.chainId, amount: amount > 0n ? amount : 0n }
      }),
  )
}

function sum(amounts: ReadonlyMap<number, bigint>): bigint {
  return [...amounts.values()].reduce((total, amount) => total + amount, 0n)
}

function mati(amount: bigint): string {
  return `${formatEther(amount)} MATI`
}
