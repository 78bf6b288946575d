/** MATI exists on chain A alone at first; whoever needs it elsewhere has it bridged, through LayerZero as anybody would. */
import { matiTokenAbi, type SendingClient } from '@mati/sdk'
import { type Address, type Hex, pad, parseEventLogs } from 'viem'
import { readContract, waitForTransactionReceipt, writeContract } from 'viem/actions'

/**
 * Sends MATI (18 decimals, cut to 6) from the client's account to an account on another chain.
 * @returns The message's guid, once the transaction that sends it is mined.
 */
export async function bridgeMati(
  client: SendingClient,
  { token, eid, to, amount }: { token: Address; eid: number; to: Address; amount: bigint },
): Promise<Hex> {
  const contract = { address: token, abi: matiTokenAbi } as const
  const send = {
    dstEid: eid,
    to: pad(to),
    amountLD: amount,
    minAmountLD: amount,
    extraOptions: '0x',
    composeMsg: '0x',
    oftCmd: '0x',
  } as const
  const fee = await readContract(client, { ...contract, functionName: 'quoteSend', args: [send, false] })
  const hash = await writeContract(client, {
    ...contract,
    functionName: 'send',
    args: [send, fee, client.account.address],
    value: fee.nativeFee,
    account: client.account,
    chain: client.chain,
  })
  const { logs } = await waitForTransactionReceipt(client, { hash })
  const [sent] = parseEventLogs({ abi: matiTokenAbi, logs, eventName: 'OFTSent' })
  if (!sent) throw new Error(`The transaction ${hash} sent no MATI`)
  return sent.args.guid
}
