/** Sends transactions together: estimated side by side, signed in order, waited for at the end. */
import type { Address, Hash, Hex, TransactionReceipt } from 'viem'
import {
  estimateFeesPerGas,
  estimateGas,
  getTransactionCount,
  sendTransaction,
  waitForTransactionReceipt,
} from 'viem/actions'
import { type SendingClient, throwDecoded } from '@mati/sdk'
import { DeployError } from './error.ts'

/** `label` says what it is for, in errors and logs. */
export type Transaction = { label: string; to: Address; data: Hex }

export type Log = (line: string) => void

/**
 * Sends independent transactions of the client's account and waits until all are mined.
 * @throws RevertError before anything is sent if one would revert now; DeployError if one reverted when mined.
 */
export async function sendTogether(
  client: SendingClient,
  transactions: readonly Transaction[],
  log: Log,
): Promise<TransactionReceipt[]> {
  if (transactions.length === 0) return []
  const { account, chain } = client
  const [fees, firstNonce, ...gas] = await Promise.all([
    estimateFeesPerGas(client),
    getTransactionCount(client, { address: account.address, blockTag: 'pending' }),
    ...transactions.map(({ to, data }) => estimateGas(client, { account, to, data })),
  ]).catch(throwDecoded)

  const hashes: Hash[] = []
  for (const [i, { to, data }] of transactions.entries()) {
    const limit = ((gas[i] ?? 0n) * 5n) / 4n
    hashes.push(
      await sendTransaction(client, {
        account,
        chain,
        to,
        data,
        gas: limit,
        nonce: firstNonce + i,
        maxFeePerGas: fees.maxFeePerGas * 2n,
        maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
      }),
    )
  }
  const receipts = await Promise.all(hashes.map((hash) => waitForTransactionReceipt(client, { hash })))
  for (const [i, receipt] of receipts.entries()) {
    const label = transactions[i]?.label
    if (receipt.status === 'reverted') throw new DeployError(`${label} reverted in ${receipt.transactionHash}`)
    log(`${label}: ${receipt.transactionHash}, ${receipt.gasUsed} gas`)
  }
  return receipts
}
