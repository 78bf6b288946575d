import { size, slice, type Address, type Hex } from 'viem'

/** What the sender of a message paid the executor for. */
export interface ExecutorOptions {
  lzReceive: { gas: bigint; value: bigint }
  /** By index of the composed message. */
  lzCompose: Map<number, { gas: bigint; value: bigint }>
  nativeDrops: { amount: bigint; receiver: Address }[]
}

const optionsType3 = 3
const executorWorkerId = 1
const optionTypes = { lzReceive: 1, nativeDrop: 2, lzCompose: 3 }

/**
 * Reads the executor's part of a message's options, type 3: worker id (1 byte) · size (2) · type (1) · value.
 * Options of one kind add up, as the executor's own fee library counts them; the older types 1 and 2 ask for nothing
 * here.
 */
export function decodeExecutorOptions(options: Hex): ExecutorOptions {
  const decoded: ExecutorOptions = { lzReceive: { gas: 0n, value: 0n }, lzCompose: new Map(), nativeDrops: [] }
  if (size(options) < 2 || Number(slice(options, 0, 2)) !== optionsType3) return decoded

  let cursor = 2
  while (cursor < size(options)) {
    const workerId = Number(slice(options, cursor, cursor + 1))
    const length = Number(slice(options, cursor + 1, cursor + 3))
    const option = slice(options, cursor + 3, cursor + 3 + length)
    if (workerId === executorWorkerId) readOption(option, decoded)
    cursor += 3 + length
  }
  return decoded
}

function readOption(option: Hex, decoded: ExecutorOptions): void {
  const amount = (from: number) => (size(option) >= from + 16 ? BigInt(slice(option, from, from + 16)) : 0n)
  switch (Number(slice(option, 0, 1))) {
    case optionTypes.lzReceive:
      decoded.lzReceive.gas += amount(1)
      decoded.lzReceive.value += amount(17)
      break
    case optionTypes.nativeDrop:
      decoded.nativeDrops.push({ amount: amount(1), receiver: slice(option, 29, 49) })
      break
    case optionTypes.lzCompose: {
      const index = Number(slice(option, 1, 3))
      const before = decoded.lzCompose.get(index) ?? { gas: 0n, value: 0n }
      decoded.lzCompose.set(index, { gas: before.gas + amount(3), value: before.value + amount(19) })
    }
  }
}
