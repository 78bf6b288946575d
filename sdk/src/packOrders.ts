/** Orders of a batch as the contracts take them: `contracts/src/libraries/CaptureOrders.sol` tells the format. Pure. */
import {
  type ByteArray,
  bytesToHex,
  concat,
  type ContractFunctionArgs,
  decodeAbiParameters,
  encodeAbiParameters,
  getAbiItem,
  type Hex,
  hexToBytes,
  isHex,
  numberToBytes,
} from 'viem'
import type { CaptureParameters } from './actions/capture.ts'
import { InvalidInputError } from './errors.ts'
import { matiEscrowAbi } from './generated/index.ts'

/** One capture of many, as `capture` takes it. */
export type CaptureOrder = Omit<CaptureParameters, 'deployment'>

type Arguments = ContractFunctionArgs<typeof matiEscrowAbi, 'nonpayable', 'capture'>

/** An order's words are the arguments of the escrow's `capture`. */
const { inputs } = getAbiItem({ abi: matiEscrowAbi, name: 'capture' })
const WORD = 32
/** Of the terms, and three more. */
const WORDS = inputs[0].components.length + inputs.length - 1
/** The word's number, and the word. */
const CHANGE = 1 + WORD
/** The number of orders, and that of an order's changes. */
const [COUNT, CHANGES] = [2, 1]
const MAX_ORDERS = 0xffff

/** What the escrow's `capture` is called with: the order, with what it has by default. */
export function captureArguments({ payment, dueAmount, feeBps, isFinal = false }: CaptureOrder): Arguments {
  return [payment, dueAmount ?? payment.due, BigInt(feeBps ?? payment.minFeeBps), isFinal]
}

/**
 * Orders as `captureMany` and `captureAndSettle` take them: of each what differs from the one before, so that those of
 * one merchant, side by side, take a fifth of their plain encoding.
 * @throws InvalidInputError `ORDERS_INVALID` for more than 65,535.
 * @example const data = packOrders(payments.map((payment) => ({ payment })))
 */
export function packOrders(orders: readonly CaptureOrder[]): Hex {
  if (orders.length > MAX_ORDERS) throw invalid(`there are ${orders.length}, and ${MAX_ORDERS} is the most`)
  const packed: ByteArray[] = [numberToBytes(orders.length, { size: COUNT })]
  let last: ByteArray = new Uint8Array(WORDS * WORD)
  for (const order of orders) {
    const words = hexToBytes(encodeAbiParameters(inputs, captureArguments(order)))
    packed.push(...differences(last, words))
    last = words
  }
  return bytesToHex(concat(packed))
}

/** How many words differ; then the number of each, and it itself. */
function differences(last: ByteArray, words: ByteArray): ByteArray[] {
  const fields = Array.from({ length: WORDS }, (_, field) => field)
  const changed = fields.filter((field) => wordAt(words, field).some((byte, i) => byte !== wordAt(last, field)[i]))
  return [Uint8Array.of(changed.length), ...changed.flatMap((field) => [Uint8Array.of(field), wordAt(words, field)])]
}

function wordAt(words: ByteArray, field: number): ByteArray {
  return words.subarray(field * WORD, (field + 1) * WORD)
}

/**
 * What is in the calldata of `captureMany` and `captureAndSettle`.
 * @throws InvalidInputError `ORDERS_INVALID` where the contracts revert with `CaptureOrders_Malformed`, and for terms with
 * a value that does not fit its type: those the escrow skips, since nobody could authorize them.
 * @example const orders = unpackOrders(decodeFunctionData({ abi: matiEscrowAbi, data }).args[0])
 */
export function unpackOrders(packed: Hex): Required<CaptureOrder>[] {
  if (!isHex(packed)) throw invalid('they are no hex string')
  const bytes = hexToBytes(packed)
  let cursor = 0
  const read = (size: number): ByteArray => {
    cursor += size
    if (cursor > bytes.length) throw invalid(`they end after ${bytes.length} bytes, amid an order`)
    return bytes.subarray(cursor - size, cursor)
  }
  const [high = 0, low = 0] = read(COUNT)
  const words = new Uint8Array(WORDS * WORD)
  const orders: Required<CaptureOrder>[] = []
  while (orders.length < high * 256 + low) {
    const [count = 0] = read(CHANGES)
    for (let i = 0; i < count; i++) {
      const [field = 0, ...word] = read(CHANGE)
      if (field >= WORDS) throw invalid(`order ${orders.length} has no word ${field}`)
      words.set(word, field * WORD)
    }
    orders.push(orderOf(words, orders.length))
  }
  if (cursor < bytes.length) throw invalid(`${bytes.length - cursor} bytes follow the last`)
  return orders
}

function orderOf(words: ByteArray, index: number): Required<CaptureOrder> {
  try {
    const [payment, dueAmount, feeBps, isFinal] = decodeAbiParameters(inputs, words)
    // What does not fit its type is cut off by the decoder.
    if (encodeAbiParameters(inputs, [payment, dueAmount, feeBps, isFinal]) !== bytesToHex(words)) {
      throw new RangeError('a value does not fit its type')
    }
    return { payment, dueAmount, feeBps: Number(feeBps), isFinal }
  } catch (error) {
    throw invalid(`order ${index}: ${(error as Error).message}`, error)
  }
}

function invalid(issue: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError('ORDERS_INVALID', 'The list of orders', [issue], cause)
}
