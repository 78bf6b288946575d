/** One message, moved along by hand. */
import { composeOf, decodePacket, toAddress } from '@mati/sdk/layerzero'
import { encodePacked, type Hex, pad, parseEventLogs, type TransactionReceipt } from 'viem'
import { decodeExecutorOptions } from '../../devnet/src/options.ts'
import type { SentPacket } from '../../devnet/src/packet.ts'
import { attest, compose, receive } from '../../devnet/src/submit.ts'
import { act, type Chain, type ContractName, contractsOf, look, UNIT, type Who, type World } from './world.ts'

export type Message = SentPacket

/** Type 3: what `lzReceive` is asked for and, if anything is composed, `lzCompose`. */
export function optionsOf(receiveGas: bigint, composeGas?: bigint): Hex {
  const receiving = encodePacked(['uint16', 'uint8', 'uint16', 'uint8', 'uint128'], [3, 1, 17, 1, receiveGas])
  if (composeGas === undefined) return receiving
  const types = ['bytes', 'uint8', 'uint16', 'uint8', 'uint16', 'uint128'] as const
  return encodePacked(types, [receiving, 1, 19, 3, 0, composeGas])
}

/** The only message that a transaction sent. */
export function messageOf(receipt: TransactionReceipt, source: Chain): Message {
  const sent = eventOf<{ encodedPayload: Hex; options: Hex }>(receipt, source, 'endpoint', 'PacketSent')
  const { encodedPayload, options } = sent
  const packet = decodePacket(encodedPayload)
  if (!packet) throw new TypeError(`Transaction ${receipt.transactionHash} sent no packet`)
  const sentIn = { number: receipt.blockNumber, hash: receipt.blockHash }
  return { ...packet, options: decodeExecutorOptions(options), sentIn }
}

export type Sending = { amount: bigint; to?: Hex; payload?: Hex; who?: Who }

/** Sends Mati as an account, by default the one that holds the genesis mint. */
export async function sendMati(from: Chain, to: Chain, sending: Sending): Promise<Message> {
  const { amount, who = 'deployer', payload = '0x' } = sending
  const recipient = pad(sending.to ?? from.sender('relayer').address)
  const options = payload === '0x' ? '0x' : optionsOf(200_000n, 300_000n)
  const param = {
    dstEid: to.eid,
    to: recipient,
    amountLD: amount,
    minAmountLD: amount,
    extraOptions: options,
    composeMsg: payload,
    oftCmd: '0x',
  }
  const fee = await look<{ nativeFee: bigint; lzTokenFee: bigint }>(from, 'token', 'quoteSend', [param, false])
  const args = [param, fee, from.sender(who).address]
  return messageOf(await act(from, who, 'token', 'send', args, { value: fee.nativeFee }), from)
}

/** One DVN (0 or 1) attests messages. */
export async function attestBy(
  dvnIndex: 0 | 1,
  messages: readonly Message[],
  { devnet, chains }: World,
  at: Chain,
): Promise<void> {
  const name = dvnIndex === 0 ? 'dvn1' : 'dvn2'
  const source = (eid: number) => chains.find((chain) => chain.eid === eid) as Chain
  const task = { dvnIndex, operator: devnet.accounts[name], source, destination: at }
  await at.sender(name).send(await attest(messages, task))
}

/** Whoever wants it committed. */
export function commitBy(who: Who, { header, payloadHash }: Message, at: Chain): Promise<TransactionReceipt> {
  return act(at, who, 'library', 'commitVerification', [header, payloadHash])
}

export async function verify(message: Message, world: World, at: Chain): Promise<void> {
  await attestBy(0, [message], world, at)
  await attestBy(1, [message], world, at)
  await commitBy('relayer', message, at)
}

/** Anyone, through the endpoint. */
export function receiveBy(who: Who, message: Message, at: Chain, gas = 1_000_000n): Promise<TransactionReceipt> {
  const { srcEid, sender, nonce, guid } = message
  const args = [{ srcEid, sender, nonce }, toAddress(message.receiver), guid, message.message, '0x']
  return act(at, who, 'endpoint', 'lzReceive', args, { gas })
}

/** LayerZero's executor, with the gas it was paid for or another. */
export function execute(message: Message, at: Chain, gas = message.options.lzReceive.gas): Promise<TransactionReceipt> {
  const options = { ...message.options, lzReceive: { gas, value: 0n } }
  return at.sender('executor').send(receive({ ...message, options }, at))
}

export function composeArgs(message: Message): readonly unknown[] {
  const queued = composeOf(message, UNIT)
  return [toAddress(message.receiver), queued.to, message.guid, 0, queued.message, '0x']
}

export function composeBy(who: Who, message: Message, at: Chain, gas = 6_000_000n): Promise<TransactionReceipt> {
  return act(at, who, 'endpoint', 'lzCompose', composeArgs(message), { gas })
}

/** LayerZero's executor, with another gas than it was paid for. */
export function executeCompose(message: Message, at: Chain, gas: bigint): Promise<TransactionReceipt> {
  const queued = composeOf(message, UNIT)
  const from = toAddress(message.receiver)
  const it = { from, to: queued.to, guid: message.guid, index: 0, message: queued.message, gas, value: 0n }
  return at.sender('executor').send(compose(it, at))
}

/** The arguments of the first event of that name. @throws Error if there is none. */
export function eventOf<Args>(receipt: TransactionReceipt, at: Chain, contract: ContractName, eventName: string): Args {
  const { abi } = contractsOf(at)[contract]
  const [log] = parseEventLogs({ abi, logs: receipt.logs, eventName })
  if (!log) throw new Error(`Transaction ${receipt.transactionHash} has no event ${eventName}`)
  return log.args as unknown as Args
}
