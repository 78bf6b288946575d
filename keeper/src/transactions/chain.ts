import {
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
  type Address,
  type Hex,
  type PublicClient,
} from 'viem'
import type { Fees, TransactionOutcome } from './transaction.ts'

/** All that sending needs of a chain, for one signer. */
export type SenderChain = {
  /** Next nonce at the latest block, or after what the node's pool holds in sequence. */
  nonce(blockTag: 'latest' | 'pending'): Promise<number>
  receipt(hash: Hex): Promise<Extract<TransactionOutcome, { hash: Hex }> | undefined>
  isKnown(hash: Hex): Promise<boolean>
  market(): Promise<{ fees: Fees; baseFeePerGas: bigint }>
  /** An error says nothing about whether the node took it. */
  broadcast(raw: Hex): Promise<void>
}

/** The edge between the sender and a node. */
export function createSenderChain(client: PublicClient, signer: Address): SenderChain {
  return {
    nonce: (blockTag) => client.getTransactionCount({ address: signer, blockTag }),

    async receipt(hash) {
      try {
        const { status, blockNumber, gasUsed } = await client.getTransactionReceipt({ hash })
        return { status: status === 'success' ? 'mined' : 'reverted', hash, blockNumber, gasUsed }
      } catch (error) {
        if (error instanceof TransactionReceiptNotFoundError) return undefined
        throw error
      }
    },

    async isKnown(hash) {
      try {
        await client.getTransaction({ hash })
        return true
      } catch (error) {
        if (error instanceof TransactionNotFoundError) return false
        throw error
      }
    },

    async market() {
      const [block, fees] = await Promise.all([client.getBlock(), client.estimateFeesPerGas()])
      return { fees, baseFeePerGas: block.baseFeePerGas ?? 0n }
    },

    async broadcast(raw) {
      await client.sendRawTransaction({ serializedTransaction: raw })
    },
  }
}
