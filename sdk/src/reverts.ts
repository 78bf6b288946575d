/** Turns what a node answers to a failed call into a typed error, decoded from every ABI that Mati touches. */
import {
  BaseError,
  type ContractErrorArgs,
  type ContractErrorName,
  decodeErrorResult,
  type Hex,
  HttpRequestError,
  InsufficientFundsError,
  isHex,
  TimeoutError,
  WebSocketRequestError,
} from 'viem'
import { firstCause, MatiError } from './errors.ts'
import * as generated from './generated/index.ts'
import { adviceOf } from './revertAdvice.ts'

type OwnAbis = Omit<typeof generated, 'dvnAbi' | 'executorAbi' | 'mockV3AggregatorAbi' | 'weth9Abi'>
/** The name of an error that one of our contracts, LayerZero's endpoint or OpenZeppelin's base declares. */
export type RevertName = ContractErrorName<OwnAbis[keyof OwnAbis]>

/** Every error of every ABI: a selector tells them apart, whoever in the chain of calls threw. */
const errorAbi = Object.values(generated).flatMap((abi) => abi.filter((item) => item.type === 'error'))

/** One decoded revert; `reasons` are reverts that its `bytes` arguments carry. */
export type Revert = {
  name: string
  args: Readonly<Record<string, unknown>>
  values: readonly unknown[]
  reasons: readonly Revert[]
}

/** A contract refused the call. Nothing was changed, or nothing was sent. */
export class RevertError extends MatiError {
  /** What the contract answered; null if it gave no reason, or one that no known ABI declares. */
  readonly revert: Revert | null
  /** The answer as it came. */
  readonly data: Hex

  constructor(data: Hex, revert: Revert | null, cause: unknown) {
    const advice = adviceOf(revert)
    super(revert ? describeRevert(revert) : `The contract refused the call without a known reason (${data})`, {
      code: revert ? `REVERT_${revert.name}` : 'REVERT_UNKNOWN',
      action: advice.action,
      retryable: advice.retryable,
      meta: { data, ...revert?.args },
      cause,
    })
    this.revert = revert
    this.data = data
  }
}

/** Decodes revert data, and reverts within reverts; null for what no ABI declares. */
export function decodeRevert(data: Hex): Revert | null {
  try {
    const { abiItem, args = [], errorName } = decodeErrorResult({ abi: errorAbi, data })
    const values = args as readonly unknown[]
    const inputs = 'inputs' in abiItem ? abiItem.inputs : []
    const named = Object.fromEntries(inputs.map((input, i) => [input.name || `arg${i}`, values[i]]))
    const nested = inputs.flatMap((input, i) => (input.type === 'bytes' ? [decodeRevert(values[i] as Hex)] : []))
    return { name: errorName, args: named, values, reasons: nested.filter((reason) => reason !== null) }
  } catch {
    return null // An unknown selector, or data that merely begins with a known one.
  }
}

/** One line: `Oracle_PriceUnavailable(asset: 0x…): ChainlinkSource_Stale(updatedAt: 1, …)`. */
export function describeRevert(revert: Revert): string {
  if (revert.name === 'Error') return String(revert.values[0])
  const args = Object.entries(revert.args).filter(
    ([, value]) => revert.reasons.length === 0 || !isHex(value) || value.length === 42,
  )
  const head = `${revert.name}(${args.map(([name, value]) => `${name}: ${String(value)}`).join(', ')})`
  return [head, ...revert.reasons.map(describeRevert)].join(': ')
}

/**
 * The arguments of the revert `name` if that is what happened, at any depth; null otherwise.
 * @example
 * const tooEarly = revertArgs(error, 'Escrow_CaptureTooEarly')
 * if (tooEarly) await until(tooEarly[1])
 */
export function revertArgs<name extends RevertName>(
  error: unknown,
  name: name,
): ContractErrorArgs<OwnAbis[keyof OwnAbis], name> | null {
  const found = error instanceof RevertError && error.revert ? findRevert(error.revert, name) : null
  return found ? (found.values as ContractErrorArgs<OwnAbis[keyof OwnAbis], name>) : null
}

function findRevert(revert: Revert, name: string): Revert | null {
  if (revert.name === name) return revert
  return revert.reasons.map((reason) => findRevert(reason, name)).find((reason) => reason !== null) ?? null
}

/** What a failed read, simulation or gas estimate means. Nothing was broadcast; errors of this SDK pass unchanged. */
export function decodeError(error: unknown): MatiError {
  if (error instanceof MatiError) return error
  const data = revertData(error)
  if (data !== null) return new RevertError(data, decodeRevert(data), error)
  if (firstCause(error, (cause) => cause instanceof InsufficientFundsError)) {
    const action = "Fund the account with the chain's native coin."
    return new MatiError('The account cannot pay for gas and value', {
      code: 'INSUFFICIENT_FUNDS',
      action,
      cause: error,
    })
  }
  const message = error instanceof BaseError ? error.shortMessage.replace(/\.$/, '') : textOf(error)
  const transportErrors = [HttpRequestError, TimeoutError, WebSocketRequestError]
  const isTransport = firstCause(error, (cause) => transportErrors.some((kind) => cause instanceof kind)) !== null
  return isTransport
    ? new MatiError(`The node did not answer: ${message}`, {
        code: 'RPC_UNAVAILABLE',
        action: 'Check the RPC URL and try again.',
        retryable: true,
        cause: error,
      })
    : new MatiError(message, { code: 'CALL_FAILED', action: 'See the cause.', cause: error })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** For `promise.catch(throwDecoded)`. */
export function throwDecoded(error: unknown): never {
  throw decodeError(error)
}

/** Nodes and viem put revert data in several places: `raw`, `data`, `data.data`. */
function revertData(error: unknown): Hex | null {
  const dataOf = (cause: unknown): Hex | undefined => {
    const { data, raw } = cause as { data?: unknown; raw?: unknown }
    return [raw, data, (data as { data?: unknown } | null | undefined)?.data].find((value): value is Hex =>
      isHex(value),
    )
  }
  const cause = firstCause(error, (candidate) => dataOf(candidate) !== undefined)
  return cause === null ? null : (dataOf(cause) ?? null)
}
