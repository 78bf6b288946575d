/** A chain that is nothing but what it is told to say: all that `reckon` reads of one. */
import { parseDeployment } from '@mati/sdk'
import { encodeHeader } from '@mati/sdk/layerzero'
import { type Address, concat, getAddress, type Hex, numberToHex, pad, zeroHash } from 'viem'
import { deployment } from '../../../indexer/test/deployment.ts'
import { type Chain, type ContractName, contractsOf } from '../../drills/world.ts'
import { matiOn } from '../stage.ts'

type Settled = {
  id: Hex
  keeper: Address
  token: Address
  group: { asset: Address }
  guid: Hex
  amountIn: bigint
  received: bigint
  tip: bigint
  messageRepaid: bigint
}
type PaidOut = { id: Hex; merchant: Address; amountIn: bigint; amountOut: bigint }
type Logs = { Settled: Settled[]; PaidOut: PaidOut[]; PacketSent: { encodedPayload: Hex }[] }
type Args = readonly unknown[]

/** What views return of what they were told nothing of. */
const nothing: Record<string, unknown> = {
  ledger: { credited: 0n, debited: 0n },
  paymentState: { held: 0n, captured: 0n },
  returnable: { amount: 0n },
  waiting: zeroHash,
}

export const someone = (n: number): Address => getAddress(numberToHex(0xbeef00 + n, { size: 20 }))

export type MadeUpChain = ReturnType<typeof makeUpChain>

export function makeUpChain(name: string, chainId: number) {
  const views = new Map<string, unknown>()
  const balances = new Map<string, bigint>()
  const logs: Logs = { Settled: [], PaidOut: [], PacketSent: [] }
  const deployed = parseDeployment(JSON.stringify(deployment(name, chainId, 10 + chainId, chainId * 0x1000)))
  const chain = {
    name,
    eid: deployed.eid,
    deployment: deployed,
    external: deployed.external,
    tokens: { usdc: someone(chainId * 16), weth: someone(chainId * 16 + 1) },
    balanceOf: async (token: Address, account: Address) => balances.get(`${token} ${account}`) ?? 0n,
    client: {
      getBlockNumber: async () => 0n,
      getLogs: async ({ event }: { event: { name: keyof Logs } }) => logs[event.name].map((args) => ({ args })),
      readContract: async ({ address, functionName, args }: { address: Address; functionName: string; args: Args }) =>
        views.get(`${address} ${functionName} ${args.join()}`) ?? nothing[functionName] ?? 0n,
    },
  } as unknown as Chain
  return {
    chain,
    logs,
    /** What a view returns from now on. */
    tell(contract: ContractName, functionName: string, args: Args, value: unknown) {
      views.set(`${contractsOf(chain)[contract].address} ${functionName} ${args.join()}`, value)
    },
    /** Adds to what somebody has of a token. */
    give(token: Address, account: Address, amount: bigint) {
      balances.set(`${token} ${account}`, (balances.get(`${token} ${account}`) ?? 0n) + amount)
    },
    send(to: Chain, guid: Hex, message: Hex) {
      const [sender, receiver] = [pad(matiOn(chain)), pad(matiOn(to))]
      const header = encodeHeader({ nonce: 1n, srcEid: chain.eid, sender, dstEid: to.eid, receiver })
      logs.PacketSent.push({ encodedPayload: concat([header, guid, message]) })
    },
  }
}
