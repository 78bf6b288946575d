import type { Address, Hex } from 'viem'

/** An EIP-1559 transaction, complete: nothing is left for the signer to decide. */
export type UnsignedTransaction = {
  chainId: number
  nonce: number
  to: Address
  data: Hex
  value: bigint
  gas: bigint
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
}

/** Whoever holds the key: a local one, or later one in an HSM or behind a service. */
export type Signer = {
  /** Checksummed. */
  address: Address
  /** The signed bytes and their hash. The same transaction must give the same bytes (RFC 6979). */
  sign(transaction: UnsignedTransaction): Promise<{ raw: Hex; hash: Hex }>
}
