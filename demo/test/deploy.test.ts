import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type ChainConfig, parsePathways } from '@mati/contracts/script/config'
import { configure } from '@mati/contracts/script/configure'
import { deployContracts } from '@mati/contracts/script/contracts'
import { deploy, writeDeployment } from '@mati/contracts/script/deploy'
import { handOver } from '@mati/contracts/script/handOver'
import { wirePathway } from '@mati/contracts/script/wire'
import { type Devnet, findFreePort, type LocalChain, localChains, startDevnet } from '@mati/devnet'
import {
  decodeError,
  depositAddress,
  depositAddressesAbi,
  type Deployment,
  intakeLimitsAbi,
  matiAccessAbi,
  matiEscrowAbi,
  matiTokenAbi,
  parseDeployment,
  type Payment,
  receiveUln302Abi,
  revertArgs,
  type SendingClient,
  sendUln302Abi,
  settlerAbi,
} from '@mati/sdk'
import { createWalletClient, hexToString, http, pad, toFunctionSelector, zeroAddress } from 'viem'
import { readContract, simulateContract } from 'viem/actions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { termVectors } from '../../test/vectors/terms.ts'
import { configOf, pathwayOf, pathwaysOf } from '../src/config.ts'

/** What may come in of USDC within a day. */
const LIMIT = 1_000_000n

type Side = { chain: LocalChain; config: ChainConfig; client: SendingClient; end: Deployment }

let devnet: Devnet
let sides: [Side, Side, Side]
const vector = path.resolve(import.meta.dirname, '../../test/vectors/payment.json')
const folder = mkdtempSync(path.join(tmpdir(), 'mati-deploy-'))

beforeAll(async () => {
  const [a, b, c] = await Promise.all([findFreePort(), findFreePort(), findFreePort()])
  devnet = await startDevnet({ chains: localChains({ a, b, c }) })
  const [home, second, third] = ['A', 'B', 'C'].map((name) => devnet.chain(name)) as [
    LocalChain,
    LocalChain,
    LocalChain,
  ]
  sides = await Promise.all([start(home, true), start(second, false), start(third, false)])
  await wireAll()
})

afterAll(async () => {
  await devnet?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start(chain: LocalChain, home: boolean): Promise<Side> {
  const { deployer, guardian } = devnet.accounts
  const { roles, ...config } = configOf(chain, devnet.accounts, { home })
  const intake = { isGuarded: home, windowSeconds: 86_400, limits: [{ token: 'USDC', amount: LIMIT }] }
  const admin = { account: guardian.address, delaySeconds: 86_400 }
  const handedOver = { ...config, intake, roles: { ...roles, admin, configurators: [admin] } }
  const transport = http(chain.rpcUrl)
  const client = createWalletClient({ account: deployer, chain: chain.client.chain, transport, pollingInterval: 100 })
  const deployed = await deployContracts(client, handedOver)
  await devnet.createPools(chain, deployed.contracts.token)
  return { chain, config: handedOver, client, end: await configure(client, handedOver, deployed) }
}

/** Opens all pathways, as they are declared. */
async function wireAll(): Promise<void> {
  const sideOf = (id: number) => sides.find(({ end }) => end.chainId === id) as Side
  for (const pathway of pathwaysOf(devnet.chains)) {
    const [one, other] = pathway.ends
    await wirePathway([sideOf(one.chainId), sideOf(other.chainId)], pathway)
  }
}

const sentBy = async ({ chain, client }: Side) =>
  chain.client.getTransactionCount({ address: client.account.address, blockTag: 'pending' })

describe('the deploy path', () => {
  test('sends nothing and writes the same when it runs again', async () => {
    const before = await Promise.all(sides.map(sentBy))

    const again = await Promise.all(sides.map(({ client, config }) => deploy(client, config)))
    await wireAll()

    expect(again).toEqual(sides.map(({ end }) => end))
    expect(await Promise.all(sides.map(sentBy))).toEqual(before)
  })

  test('writes what the SDK reads', () => {
    const file = path.join(folder, 'deployments', '90901.json')
    writeDeployment(file, sides[0].end)
    expect(parseDeployment(readFileSync(file, 'utf8'))).toEqual(sides[0].end)
  })

  test('computes the deposit address that the chain gives', async () => {
    const [{ client, end }] = sides
    const { payment } = JSON.parse(readFileSync(vector, 'utf8')) as { payment: Payment }
    const terms = { ...payment, maxAmount: 3n, due: 2n, fallbackAmount: 0n }
    const collector = { address: end.contracts.depositAddresses, abi: depositAddressesAbi } as const
    const address = await readContract(client, { ...collector, functionName: 'addressOf', args: [terms] })
    expect(depositAddress({ deployment: end, payment: terms })).toBe(address)
  })

  test('opens no payment whose terms the SDK refuses, and for the same term', async () => {
    const [{ client, end, chain }] = sides
    const { escrow, depositAddresses } = end.contracts
    const { accepted, refused } = termVectors({ escrow, token: chain.tokens.usdc })
    // Nothing was sent to the deposit address, so what is right in the terms ends there.
    const refusal = (payment: Payment) =>
      simulateContract(client, {
        address: escrow,
        abi: matiEscrowAbi,
        functionName: 'authorize',
        args: [payment, depositAddresses, '0x'],
      }).then(() => null, decodeError)

    for (const { term, payment } of refused) {
      const [named] = revertArgs(await refusal(payment), 'Escrow_BadTerms') ?? []
      expect(named && hexToString(named, { size: 32 })).toBe(term)
    }
    for (const payment of accepted)
      expect(await refusal(payment)).toMatchObject({ code: 'REVERT_DepositAddresses_Underpaid' })
  })

  test('opens every way in, and guards the chain whose config says so', async () => {
    const guards = sides.map(async ({ client, end: { contracts }, chain }) => {
      const { escrow, intakeLimits, depositAddresses, permitCollector, permit2Collector, nativeCollector } = contracts
      for (const collector of [depositAddresses, permitCollector, permit2Collector, nativeCollector]) {
        const allowed = { address: escrow, abi: matiEscrowAbi, functionName: 'isCollector', args: [collector] } as const
        expect(await readContract(client, allowed)).toBe(true)
      }
      const limits = { address: intakeLimits, abi: intakeLimitsAbi } as const
      const limit = { ...limits, functionName: 'tokenLimit', args: [chain.tokens.usdc] } as const
      expect(await readContract(client, limit)).toEqual([LIMIT, 0n])
      expect(await readContract(client, { ...limits, functionName: 'screener' })).toBe(contracts.denyList)
      return readContract(client, { address: escrow, abi: matiEscrowAbi, functionName: 'intakeGuard' })
    })
    expect(await Promise.all(guards)).toEqual([sides[0].end.contracts.intakeLimits, zeroAddress, zeroAddress])
  })

  test('needs the Permit2 and the Multicall3 that the config names', async () => {
    const [{ client, config }] = sides
    const external = { ...config.external, permit2: client.account.address }
    await expect(deployContracts(client, { ...config, external })).rejects.toThrow(/There is no Permit2 at 0x/)
    const without = { ...config.external, multicall: client.account.address }
    const deploying = deployContracts(client, { ...config, external: without })
    await expect(deploying).rejects.toThrow(/There is no Multicall3 at 0x/)
  })

  test('pins every field of a pathway at both ends', async () => {
    const ways = sides.flatMap((here) => sides.filter((side) => side !== here).map((side) => [here, side] as const))
    expect(ways).toHaveLength(6)
    for (const [{ client, end }, { end: there }] of ways) {
      const { token, settler, gateway } = end.contracts
      const { sendLibrary, receiveLibrary, executor, dvns } = end.external
      const args = [token, there.eid] as const
      const pinned = {
        confirmations: 1n,
        requiredDVNCount: 2,
        optionalDVNCount: 255,
        optionalDVNThreshold: 0,
        requiredDVNs: dvns.toSorted((x, y) => (BigInt(x) < BigInt(y) ? -1 : 1)),
        optionalDVNs: [],
      }
      const uln = { functionName: 'getAppUlnConfig', args } as const
      expect(await readContract(client, { address: sendLibrary, abi: sendUln302Abi, ...uln })).toEqual(pinned)
      expect(await readContract(client, { address: receiveLibrary, abi: receiveUln302Abi, ...uln })).toEqual(pinned)
      const executors = { address: sendLibrary, abi: sendUln302Abi, functionName: 'executorConfigs', args } as const
      expect(await readContract(client, executors)).toEqual([10_000, executor])
      const peers = { address: token, abi: matiTokenAbi, functionName: 'peers', args: [there.eid] } as const
      expect(await readContract(client, peers)).toBe(pad(there.contracts.token).toLowerCase())
      const way = { address: settler, abi: settlerAbi, functionName: 'gateway', args: [there.eid] } as const
      expect(await readContract(client, way)).toBe(gateway)
    }
  })

  test('opens no pathway whose ends keep payout accounts at different addresses', async () => {
    const [a, b] = sides
    const elsewhere = { ...b.end, contracts: { ...b.end.contracts, payoutAccounts: devnet.accounts.guardian.address } }
    const wiring = wirePathway([a, { client: b.client, end: elsewhere }], pathwayOf(a.chain, b.chain))
    await expect(wiring).rejects.toThrow(/PayoutAccounts must be at one address/)
  })

  test('sets optional DVNs once, at both ends, and takes them away again', async () => {
    const { accounts } = devnet
    const pair = sides.slice(0, 2) as [Side, Side]
    const plain = pathwayOf(pair[0].chain, pair[1].chain)
    const ends = pair.map(({ chain }, i) => {
      const [One, Two] = chain.external.dvns
      return { ...plain.ends[i], dvns: { One, Two, Three: accounts.guardian.address } }
    })
    const operators = { requiredDvns: ['One', 'Two'], optionalDvns: ['Three'], optionalThreshold: 1 }
    const [pathway = plain] = parsePathways([{ ...plain, ends, ...operators }])

    await wirePathway(pair, pathway)

    const configOf = async ({ client, end }: Side, { end: there }: Side) =>
      readContract(client, {
        address: end.external.receiveLibrary,
        abi: receiveUln302Abi,
        functionName: 'getUlnConfig',
        args: [end.contracts.token, there.eid],
      })
    const [a, b] = pair
    const optional = { optionalDVNCount: 1, optionalDVNThreshold: 1, optionalDVNs: [accounts.guardian.address] }
    expect(await configOf(a, b)).toMatchObject(optional)
    expect(await configOf(b, a)).toMatchObject(optional)
    const before = await Promise.all(sides.map(sentBy))
    await wirePathway(pair, pathway)
    expect(await Promise.all(sides.map(sentBy))).toEqual(before)

    await wirePathway(pair, plain)
    expect(await configOf(a, b)).toMatchObject({ optionalDVNCount: 0, optionalDVNs: [] })
  })

  test('hands over for good: the deployer can check, and change nothing', async () => {
    const [{ client, config, end }] = sides
    await handOver(client, config, end.contracts)

    const roleOf = (account: `0x${string}`) =>
      readContract(client, {
        address: end.contracts.access,
        abi: matiAccessAbi,
        functionName: 'hasRole',
        args: [0n, account],
      })
    expect(await roleOf(client.account.address)).toEqual([false, 0])
    expect(await roleOf(config.roles.admin.account)).toEqual([true, 86_400])
    const { access, intakeLimits, denyList } = end.contracts
    const roleFor = (target: `0x${string}`, signature: string) =>
      readContract(client, {
        address: access,
        abi: matiAccessAbi,
        functionName: 'getTargetFunctionRole',
        args: [target, toFunctionSelector(signature)],
      })
    const [operator, configurator] = [2n, 3n]
    expect(await roleFor(intakeLimits, 'setTokenLimit(address,uint112)')).toBe(operator)
    expect(await roleFor(intakeLimits, 'setMerchantLimit(address,address,uint112)')).toBe(operator)
    expect(await roleFor(denyList, 'setRefused(address[],bool)')).toBe(operator)
    expect(await roleFor(intakeLimits, 'setScreener(address)')).toBe(configurator)

    const before = await sentBy(sides[0])
    await handOver(client, config, end.contracts)
    expect(await deploy(client, config)).toEqual(end)
    expect(await sentBy(sides[0])).toBe(before)

    const tiers = config.tiers.map((tier) => ({ ...tier, maxBps: tier.maxBps + 1 }))
    await expect(deploy(client, { ...config, tiers })).rejects.toThrow(
      /may not make these calls; an admin schedules them/,
    )
  })
})
