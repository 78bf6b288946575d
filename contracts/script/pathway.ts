/** What one end of a pathway must be set to, every field pinned: what `wire.ts` brings about and `doctor.ts` compares. Pure. */
import { type Address, concat, type Hex, numberToHex, size } from 'viem'
import type { Deployment } from '@mati/sdk'
import type { Pathway } from './config.ts'
import { DeployError } from './error.ts'

/** One end of a pathway: a `Deployment` is one, and so is what `deployContracts` returns with its config. */
export type End = Pick<Deployment, 'chainId' | 'eid' | 'contracts' | 'external'>

/** OFT's message type of a plain send. */
export const SEND = 1

/** "None, literally": a zero would mean "whatever the library's owner makes the default" (`UlnBase`). */
export const NIL_DVN_COUNT = 255
export const NIL_CONFIRMATIONS = 2n ** 64n - 1n

/** LayerZero's `UlnConfig`. */
export type UlnConfig = {
  confirmations: bigint
  requiredDVNCount: number
  optionalDVNCount: number
  optionalDVNThreshold: number
  requiredDVNs: readonly Address[]
  optionalDVNs: readonly Address[]
}

export type DeclaredEnd = {
  here: End
  there: End
  sent: UlnConfig
  received: UlnConfig
  executor: { maxMessageSize: number; executor: Address }
  sendGas: number
  /** What may leave `here` for `there`, and arrive from it. */
  limits: Pathway['ends'][number]['limits']
}

/**
 * What the end `here` must be set to for messages to and from `there`.
 * @throws DeployError if the pathway does not lead between them.
 */
export function declareEnd(pathway: Pathway, here: End, there: End): DeclaredEnd {
  const dvns = dvnsAt(pathway, here)
  const uln = (confirmations: number): UlnConfig => ({ confirmations: BigInt(confirmations), ...dvns })
  return {
    here,
    there,
    // Either end waits for blocks of the chain that a message comes from.
    sent: uln(endAt(pathway, here).confirmations),
    received: uln(endAt(pathway, there).confirmations),
    executor: { maxMessageSize: pathway.maxMessageSize, executor: here.external.executor },
    sendGas: pathway.sendGas,
    limits: endAt(pathway, here).limits,
  }
}

/** Sorted, as the library wants them. Where the pathway names nobody, all that the chain's config lists are required. */
function dvnsAt(pathway: Pathway, here: End): Omit<UlnConfig, 'confirmations'> {
  const { requiredDvns, optionalDvns = [], optionalThreshold = 0 } = pathway
  const { dvns = {} } = endAt(pathway, here)
  const addresses = (names: readonly string[]) =>
    names.map((name) => {
      const dvn = dvns[name]
      if (!dvn) throw new DeployError(`The pathway names no DVN of ${name} on chain ${here.chainId}`)
      return dvn
    })
  const requiredDVNs = sorted(requiredDvns ? addresses(requiredDvns) : here.external.dvns)
  const optionalDVNs = sorted(addresses(optionalDvns))
  return {
    requiredDVNCount: requiredDVNs.length,
    optionalDVNCount: optionalDVNs.length || NIL_DVN_COUNT,
    optionalDVNThreshold: optionalThreshold,
    requiredDVNs,
    optionalDVNs,
  }
}

/** What the pathway says of the end `here` alone. @throws DeployError if it does not lead there. */
export function endAt(pathway: Pathway, { chainId }: Pick<End, 'chainId'>): Pathway['ends'][number] {
  const found = pathway.ends.find((end) => end.chainId === chainId)
  if (found) return found
  const chains = pathway.ends.map((end) => end.chainId).join(' and ')
  throw new DeployError(`The pathway leads between chains ${chains}, not to chain ${chainId}`)
}

function sorted(dvns: readonly Address[]): Address[] {
  return dvns.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
}

/** Options of type 3 that ask the executor for `gas` in `lzReceive`: type, worker, size, option, gas. */
export function receiveOptions(gas: number): Hex {
  const option = concat([numberToHex(1, { size: 1 }), numberToHex(gas, { size: 16 })])
  return concat(['0x0003', numberToHex(1, { size: 1 }), numberToHex(size(option), { size: 2 }), option])
}
