/** What messages cost, each measured several times once everything of its kind has happened before. */
import type { StackChain } from '@mati/demo'
import { matiEscrowAbi, matiGatewayAbi, matiTokenAbi, settlerAbi } from '@mati/sdk'
import { type Address, concat, encodeFunctionData, type Hex, numberToHex, pad, size, zeroAddress } from 'viem'
import { readContract, waitForTransactionReceipt } from 'viem/actions'
import { receiveOptions } from '../../../contracts/script/pathway.ts'
import { testClient } from '../../../demo/src/doctor/fault.ts'
import { approveAll, earn, makeMerchants, registerAll } from './merchants.ts'
import { deliver, mine, packetsIn, UNITS_PER_SHARED } from './network.ts'
import { deployPlainOft } from './plainOft.ts'
import { median } from './rows.ts'

const MANY = 50
/** The first opens accounts and slots, and is not counted. */
const ROUNDS = 4
const TIER = 1

type Ends = readonly [here: StackChain, there: StackChain]
type Sent = { gas: number; composeGas: number | null }

/** Measures all rows in gas, from one chain to another. DVNs must be at work, and the executor must not. */
export async function measureGas(ends: Ends): Promise<Map<string, number>> {
  const [here, there] = ends
  const [first, ...others] = makeMerchants(MANY + 1)
  if (!first) throw new RangeError('There are no merchants')
  await registerAll(here, there, [first, ...others])
  await approveAll(here)
  const everybody = [first, ...others].map(({ address }) => address)
  // Somebody else's, so that the escrow is never left with nothing.
  await earn(here, [here.wallet('payer1').account.address])
  const ofts = await deployPlainOft(ends)

  const rounds: Map<string, number>[] = []
  for (let i = 0; i < ROUNDS; i += 1) rounds.push(await measureRound(ends, everybody, ofts))
  const [, ...counted] = rounds
  const names = [...(counted[0]?.keys() ?? [])]
  return new Map(names.map((name) => [name, median(counted.map((round) => round.get(name) ?? Number.NaN))]))
}

async function measureRound(ends: Ends, merchants: readonly Address[], ofts: readonly [Address, Address]) {
  const [here] = ends
  await earn(here, merchants)
  const one = await settle(ends, merchants.slice(0, 1))
  const many = await settle(ends, merchants.slice(1))
  const gateway = await sendByGateway(ends, merchants.slice(1))
  const debit = await debitAsSettler(here, merchants.slice(1))
  const bare = await sendPlain(ends, ofts, null)
  const composing = await sendPlain(ends, ofts, MANY)
  const composingOne = await sendPlain(ends, ofts, 1)
  return new Map([
    ['payout_send_1', one.gas],
    ['payout_send_50_merchants', many.gas],
    ['escrow_debit_50', debit],
    ['gateway_send_50', gateway.gas],
    ['payout_compose_1', one.composeGas ?? Number.NaN],
    ['payout_compose_50_each', Math.round((many.composeGas ?? Number.NaN) / MANY)],
    ['oft_send_bare', bare.gas],
    ['oft_send_compose_bare', composing.gas],
    ['oft_send_compose_bare_1', composingOne.gas],
  ])
}

/** Their ledger balances debited and sent in one message, as a keeper does; nothing is to be swapped. */
async function settle([here, there]: Ends, merchants: readonly Address[]): Promise<Sent> {
  const client = here.wallet('relayer')
  const { settler, token } = here.deployment.contracts
  const contract = { address: settler, abi: settlerAbi } as const
  const args = [there.eid, BigInt(merchants.length)] as const
  const value = await readContract(client, { ...contract, functionName: 'quoteMessage', args })
  const group = { token, asset: there.deployment.contracts.token, eid: there.eid, tier: TIER }
  const call = { ...contract, functionName: 'settle', args: [group, merchants, zeroAddress, '0x'], value }
  return send([here, there], client, call as Parameters<typeof mine>[1])
}

/** The ledger balances alone, by the settler's own account. */
async function debitAsSettler(here: StackChain, merchants: readonly Address[]): Promise<number> {
  await earn(here, merchants)
  const { escrow, settler, token } = here.deployment.contracts
  const client = testClient(here)
  await client.impersonateAccount({ address: settler })
  await client.setBalance({ address: settler, value: 10n ** 18n })
  const debits = merchants.map((account) => ({ account, amount: UNITS_PER_SHARED }))
  const args = [token, debits, here.wallet('relayer').account.address] as const
  const data = encodeFunctionData({ abi: matiEscrowAbi, functionName: 'debit', args })
  const hash = await client.sendUnsignedTransaction({ from: settler, to: escrow, data })
  const { gasUsed, status } = await waitForTransactionReceipt(here.client, { hash, pollingInterval: 50 })
  await client.stopImpersonatingAccount({ address: settler })
  if (status !== 'success') throw new RangeError('The debit reverted')
  return Number(gasUsed)
}

async function sendByGateway([here, there]: Ends, accounts: readonly Address[]): Promise<Sent> {
  const client = here.wallet('deployer')
  const contract = { address: here.deployment.contracts.gateway, abi: matiGatewayAbi } as const
  const quoted = [there.eid, BigInt(accounts.length)] as const
  const value = await readContract(client, { ...contract, functionName: 'quote', args: quoted })
  const payouts = accounts.map((account) => ({ account, amount: UNITS_PER_SHARED }))
  const args = [there.eid, payouts, client.account.address] as const
  return send([here, there], client, { ...contract, functionName: 'send', args, value })
}

/** A transfer of the plain OFT; with a number of payouts, what a gateway would say and ask for. */
async function sendPlain([here, there]: Ends, [oft]: readonly Address[], payouts: number | null): Promise<Sent> {
  const client = here.wallet('deployer')
  const contract = { address: oft as Address, abi: matiTokenAbi } as const
  const amount = UNITS_PER_SHARED
  const to = pad(client.account.address)
  const param = {
    dstEid: there.eid,
    to,
    amountLD: amount,
    minAmountLD: amount,
    extraOptions: payouts === null ? '0x' : composingOptions(payouts),
    composeMsg: payouts === null ? '0x' : messageOf(payouts),
    oftCmd: '0x',
  } as const
  const fee = await readContract(client, { ...contract, functionName: 'quoteSend', args: [param, false] })
  const args = [param, fee, client.account.address] as const
  const { gasUsed } = await mine(client, { ...contract, functionName: 'send', args, value: fee.nativeFee })
  return { gas: Number(gasUsed), composeGas: null }
}

/** As long as a gateway's, and with hardly any zeros in it, as there. */
function messageOf(payouts: number): Hex {
  return `0x01${'a5'.repeat(20)}${'00'.repeat(5)}${'0f4240'}`.concat(
    `${'a5'.repeat(20)}${'00'.repeat(5)}${'0f4240'}`.repeat(payouts - 1),
  ) as Hex
}

/** What a gateway asks for (`MatiGateway`, `MessageOptions`). */
function composingOptions(payouts: number): Hex {
  const gas = numberToHex(160_000 + 40_000 * payouts, { size: 16 })
  const option = concat([numberToHex(3, { size: 1 }), numberToHex(0, { size: 2 }), gas])
  const head = concat([numberToHex(1, { size: 1 }), numberToHex(size(option), { size: 2 })])
  return concat([receiveOptions(220_000 + 400 * payouts), head, option])
}

async function send([, there]: Ends, client: Parameters<typeof mine>[0], call: Parameters<typeof mine>[1]) {
  const { gasUsed, logs } = await mine(client, call)
  const [packet] = packetsIn(logs)
  if (!packet) throw new RangeError('Nothing was sent')
  return { gas: Number(gasUsed), composeGas: await deliver(there, there.wallet('relayer'), packet) }
}
