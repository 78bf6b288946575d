/** How soon and how fast the keeper delivers, the executor being paused. */
import { contractCall } from '@mati/devnet'
import type { StackChain } from '@mati/demo'
import { matiGatewayAbi, matiTokenAbi } from '@mati/sdk'
import { type Hex, maxUint256 } from 'viem'
import { readContract } from 'viem/actions'
import { attestationBlocks, creditBlocks, until, watchBlockTimes } from './events.ts'
import { mine, packetsIn, UNITS_PER_SHARED } from './network.ts'
import { median } from './rows.ts'
import { type Credited, rateOf } from './rate.ts'

type Ends = readonly [here: StackChain, there: StackChain]

/** What sending takes, generously. */
const SEND_GAS = 700_000n
/** Attestations that a message needs: both DVNs'. */
const DVNS = 2
const PAUSE_MS = 700

/** What has the keeper deliver at once, and do nothing else. */
export const keeperEnv = {
  KEEPER_JOBS: 'deliver',
  KEEPER_DELIVER_GRACE_SECONDS: '0',
  KEEPER_POLL_MS: '100',
}

/**
 * Messages of one payout each, all attested before the keeper begins: how many of them it brings home per second.
 * @param begin Starts the keeper.
 */
export async function measureThroughput(ends: Ends, count: number, begin: () => Promise<unknown>): Promise<number> {
  const [, there] = ends
  const fromBlock = await there.client.getBlockNumber()
  const guids = await sendMessages(ends, count)
  await until('DVNs attest the backlog', async () => {
    const attested = await attestationBlocks(there, fromBlock)
    return guids.every((guid) => (attested.get(guid)?.length ?? 0) >= DVNS)
  })
  const times = watchBlockTimes(there)
  try {
    await begin()
    let credited = new Map<Hex, bigint>()
    await until('the keeper delivers the backlog', async () => {
      credited = await creditBlocks(there, fromBlock)
      return guids.every((guid) => times.seen.has(credited.get(guid) ?? -1n))
    })
    const all = guids.map((guid): Credited => {
      const block = credited.get(guid) ?? 0n
      return { block, ms: times.seen.get(block) ?? Number.NaN }
    })
    const { perSecond, blocks, inEach } = rateOf(all)
    console.error(`${count} messages in ${blocks} blocks, ${inEach} in a block at the median`)
    return perSecond
  } finally {
    times.stop()
  }
}

/** Messages one after the other: the blocks from the last attestation of each to its credit, at the median. */
export async function measureLatency(ends: Ends, count: number): Promise<number> {
  const [, there] = ends
  const fromBlock = await there.client.getBlockNumber()
  const guids: Hex[] = []
  for (let i = 0; i < count; i += 1) {
    guids.push(...(await sendMessages(ends, 1)))
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  let credited = new Map<Hex, bigint>()
  await until('the keeper delivers each', async () => {
    credited = await creditBlocks(there, fromBlock)
    return guids.every((guid) => credited.has(guid))
  })
  const attested = await attestationBlocks(there, fromBlock)
  const blocks = guids.map((guid) => Number((credited.get(guid) ?? 0n) - (attested.get(guid)?.[DVNS - 1] ?? 0n)))
  console.error(`blocks from the last attestation to the credit: ${blocks.join(' ')}`)
  return median(blocks)
}

/** Sends so many messages of one payout each, many in a block. */
async function sendMessages([here, there]: Ends, count: number): Promise<Hex[]> {
  const { gateway, token } = here.deployment.contracts
  const deployer = here.wallet('deployer')
  const { address } = deployer.account
  const allowance = { address: token, abi: matiTokenAbi } as const
  if ((await readContract(deployer, { ...allowance, functionName: 'allowance', args: [address, gateway] })) === 0n) {
    await mine(deployer, { ...allowance, functionName: 'approve', args: [gateway, maxUint256] })
  }
  const contract = { name: 'MatiGateway', abi: matiGatewayAbi }
  const value = await readContract(deployer, {
    address: gateway,
    abi: matiGatewayAbi,
    functionName: 'quote',
    args: [there.eid, 1n],
  })
  const payouts = [{ account: here.wallet('merchant1').account.address, amount: UNITS_PER_SHARED }]
  const call = contractCall(contract, gateway, 'send', [there.eid, payouts, address], { value, gas: SEND_GAS })
  const receipts = await here.sender('deployer').sendAll(Array.from({ length: count }, () => call))
  return receipts.flatMap(({ logs }) => packetsIn(logs).map(({ guid }) => guid))
}
