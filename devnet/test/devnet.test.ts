import { createServer } from 'node:http'
import { decodePacket, type Packet, toAddress } from '@mati/sdk/layerzero'
import {
  domainSeparator,
  encodePacked,
  multicall3Abi,
  numberToHex,
  pad,
  parseAbi,
  parseEther,
  parseEventLogs,
  zeroAddress,
  type Address,
  type Hex,
} from 'viem'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { aggregator } from '../src/chainlink.ts'
import { connect, control, read } from '../src/client.ts'
import {
  checkDevnet,
  contractCall,
  createSender,
  findFreePort,
  forgeArtifact,
  localChains,
  startDevnet,
} from '../src/index.ts'
import type { Devnet, LocalChain, Pools, Workers } from '../src/index.ts'
import { layerZero } from '../src/layerzero.ts'
import { commit } from '../src/submit.ts'
import { startWorkers } from '../src/workers.ts'
import { uniswap } from '../src/uniswap.ts'

const token = () => forgeArtifact('MatiToken')
const limit = { capacity: 10n ** 30n, windowSeconds: 60 }
const unlimited = { outbound: limit, inbound: limit, gatewayOutbound: limit, gatewayInbound: limit }
const receiveOption = encodePacked(['uint16', 'uint8', 'uint16', 'uint8', 'uint128'], [3, 1, 17, 1, 200_000n])
const composeOption = encodePacked(['uint8', 'uint16', 'uint8', 'uint16', 'uint128'], [1, 19, 3, 0, 100_000n])
const genesis = parseEther('100000000')

const names = ['A', 'B', 'C'] as const
type Name = (typeof names)[number]

let devnet: Devnet
let a: LocalChain
let b: LocalChain
let workers: Workers
let mati: Record<Name, Address>
let pools: Record<Name, Pools>

beforeAll(async () => {
  devnet = await startDevnet({ chains: localChains(await freePorts()) })
  ;[a, b] = [devnet.chain('A'), devnet.chain('B')]
  mati = await onEach((name) => deployToken(devnet.chain(name), name === 'A' ? genesis : 0n))
  await onEach(connectToken)
  await onEach((name) => devnet.createPools(devnet.chain(name), mati[name]))

  workers = devnet.startWorkers()
  const [lp, amount] = [devnet.accounts.lp.address, devnet.matiForPools]
  await a.sender('deployer').send(contractCall(token(), mati.A, 'transfer', [lp, amount]))
  await workers.delivered(await bridge({ to: lp, amount }))
  await workers.delivered(await bridge({ remote: 'C', to: lp, amount }))
  pools = await onEach((name) => devnet.seedPools(devnet.chain(name), mati[name]))
  await devnet.finishSetup()
  devnet.startMarket()
}, 120_000)

afterAll(() => devnet?.stop())

describe('startDevnet', () => {
  test('starts one chain alone', async () => {
    const [spec] = localChains(await freePorts())
    const alone = await startDevnet({ chains: [spec], historySeconds: 600 })
    alone.startWorkers()
    await alone.finishSetup()
    alone.startMarket()
    expect(alone.chains.map(({ name }) => name)).toEqual(['A'])
    expect(() => alone.chain('B')).toThrow('There is no chain B')
    await alone.stop()
  })

  test('leaves none running if one does not start', async () => {
    const port = await findFreePort()
    const [first, second, third] = localChains({ ...(await freePorts()), b: port, c: port })
    await expect(startDevnet({ chains: [first, second, third] })).rejects.toMatchObject({ code: 'process-died' })
    await checkDevnet([first, second])
  })
})

describe('Permit2', () => {
  test('is at its address, under the domain of the chain that it is on', async () => {
    for (const { client, chainId, external } of devnet.chains) {
      expect(external.permit2).toBe('0x000000000022D473030F116dDEE9F6B43aC78BA3')
      const domain = { name: 'Permit2', chainId, verifyingContract: external.permit2 }
      const separator = await client.readContract({
        address: external.permit2,
        abi: parseAbi(['function DOMAIN_SEPARATOR() view returns (bytes32)']),
        functionName: 'DOMAIN_SEPARATOR',
      })
      expect(separator).toBe(domainSeparator({ domain }))
    }
  })
})

test('Multicall3 is at its address', async () => {
  for (const { client, external } of devnet.chains) {
    expect(external.multicall).toBe('0xcA11bde05977b3631167028862bE2a173976CA11')
    const [block] = await client.multicall({
      contracts: [{ address: external.multicall, abi: multicall3Abi, functionName: 'getCurrentBlockTimestamp' }],
      multicallAddress: external.multicall,
      allowFailure: false,
    })
    expect(block).toBeGreaterThan(0n)
  }
})

describe('messages', () => {
  test('carry tokens from any chain to any other', async () => {
    const receiver = devnet.accounts.payer1.address
    const balances = () => onEach((name) => devnet.chain(name).balanceOf(mati[name], receiver))
    await workers.delivered(await bridge({ to: receiver, amount: parseEther('12.5') }))
    expect(await balances()).toEqual({ A: 0n, B: parseEther('12.5'), C: 0n })

    await workers.delivered(await bridge({ from: 'B', remote: 'C', to: receiver, amount: parseEther('4') }))
    await workers.delivered(await bridge({ from: 'C', remote: 'A', to: receiver, amount: parseEther('1.5') }))
    await workers.delivered(await bridge({ from: 'B', remote: 'A', to: receiver, amount: parseEther('2.5') }))
    expect(await balances()).toEqual({ A: parseEther('4'), B: parseEther('6'), C: parseEther('2.5') })
  })

  test('wait while a DVN rests, and go on when it is back', async () => {
    const receiver = devnet.accounts.payer2.address
    workers.pause('dvn2')
    const guid = await bridge({ to: receiver, amount: parseEther('1') })
    await expect(workers.delivered(guid, { timeoutMs: 3_000 })).rejects.toThrow('was not delivered within 3 s')

    workers.resume('dvn2')
    await workers.delivered(guid)
    expect(await b.balanceOf(mati.B, receiver)).toBe(parseEther('1'))
  })

  test('are taken up by workers that start later', async () => {
    const receiver = devnet.accounts.payer3.address
    await workers.stop()
    const guid = await bridge({ to: receiver, amount: parseEther('3') })
    workers = devnet.startWorkers()
    await workers.delivered(guid)
    expect(await b.balanceOf(mati.B, receiver)).toBe(parseEther('3'))
  })

  test('arrive once although every fifth answer gets lost', async () => {
    const receiver = devnet.accounts.merchant2.address
    const proxies = await Promise.all(devnet.chains.map(({ rpcUrl }) => startLossyProxy(rpcUrl)))
    const chains = devnet.chains.map((chain, i) => ({
      ...chain,
      client: connect({ ...chain, rpcUrl: proxies[i]?.url ?? '' }),
    }))
    await workers.stop()
    const lossy = startWorkers({ chains, operators: devnet.accounts, log: () => undefined })
    const guids = [
      await bridge({ to: receiver, amount: parseEther('1') }),
      await bridge({ to: receiver, amount: parseEther('2') }),
    ]
    await Promise.all(guids.map((guid) => lossy.delivered(guid)))
    await lossy.stop()
    expect(await b.balanceOf(mati.B, receiver)).toBe(parseEther('3'))
    expect(Math.min(...proxies.map(({ lost }) => lost()))).toBeGreaterThan(0)

    proxies.forEach(({ close }) => close())
    workers = devnet.startWorkers()
  })

  test('compose with the gas their options paid for, and a failing compose is tried once', async () => {
    const accepting = await deployCode(b, '0x00') // Stops: takes any call.
    const refusing = await deployCode(b, '0x5f5ffd') // Reverts: takes none.
    const extraOptions = encodePacked(['bytes', 'bytes'], [receiveOption, composeOption])
    const guids = await Promise.all(
      [accepting, refusing].map((to) => bridge({ to, amount: parseEther('1'), extraOptions, composeMsg: '0x01' })),
    )
    const outcomes = ['ComposeDelivered', 'LzComposeAlert']
    const found = await endpointEvents(b, outcomes, 2)
    expect(found.map(({ eventName, args }) => [eventName, args['guid']]).toSorted()).toEqual(
      outcomes.map((name, i) => [name, guids[i]]).toSorted(),
    )
  })

  test('can be delivered by a stranger while the executor rests, which then leaves them alone', async () => {
    const receiver = devnet.accounts.merchant1.address
    workers.pause('executor')
    const guid = await bridge({ to: receiver, amount: parseEther('1') })
    const sent = await endpointEvents(a, ['PacketSent'], await sentSoFar(a))
    const { args } = sent.at(-1) as EndpointLog
    const packet = decodePacket(args['encodedPayload'] as Hex) as Packet
    expect(packet.guid).toBe(guid)

    const committing = commit(packet, b)
    const call = { to: b.external.receiveLibrary, data: committing.data }
    await vi.waitFor(() => b.client.call(call), { timeout: 15_000, interval: 200 })
    const { srcEid, sender, nonce, receiver: token, message } = packet
    const delivery = [{ srcEid, sender, nonce }, toAddress(token), guid, message, '0x']
    const stranger = b.sender('keeper')
    await stranger.sendAll([committing, contractCall(layerZero.endpoint, b.external.endpoint, 'lzReceive', delivery)])
    expect(await b.balanceOf(mati.B, receiver)).toBe(parseEther('1'))

    workers.resume('executor')
    await workers.delivered(guid)
    await endpointEvents(b, ['LzReceiveAlert'], 0)
  })
}, 120_000)

describe('sender', () => {
  test('learns what became of a transaction whose answer got lost', async () => {
    const { accounts } = devnet
    const proxy = await startLossyProxy(a.rpcUrl)
    const sender = createSender(connect({ ...a, rpcUrl: proxy.url }), accounts.payer2)
    const pay = { label: 'pay', to: accounts.merchant3.address, data: '0x', value: 1n, gas: 21_000n, abi: [] } as const
    const before = await a.client.getBalance({ address: pay.to })
    const receipts = await sender.sendAll([pay, pay, pay, pay, pay, pay])
    proxy.close()
    expect(new Set(receipts.map(({ transactionHash }) => transactionHash)).size).toBe(6)
    expect(await a.client.getBalance({ address: pay.to })).toBe(before + 6n)
    expect(proxy.lost()).toBeGreaterThan(0)
  })

  test('sends again what the chain dropped before mining it', async () => {
    const { accounts } = devnet
    const { address } = accounts.payer2
    const pay = { label: 'pay', to: accounts.merchant3.address, data: '0x', value: 1n, gas: 21_000n, abi: [] } as const
    const before = await a.client.getBalance({ address: pay.to })
    await control(a.client, 'evm_setIntervalMining', 3)
    const sent = a.sender('payer2').sendAll([pay, pay])
    await vi.waitFor(async () => expect(await a.sender('payer2').isWaiting()).toBe(true), { interval: 20 })
    await control(a.client, 'anvil_removePoolTransactions', address)
    expect(await a.sender('payer2').isWaiting()).toBe(false)
    await control(a.client, 'evm_setIntervalMining', 1)
    await sent
    expect(await a.client.getBalance({ address: pay.to })).toBe(before + 2n)
  })

  test("names the contract's own reason when a transaction reverts", async () => {
    const { accounts } = devnet
    const { abi, name } = forgeArtifact('DevUsdc')
    const mint = contractCall({ abi, name }, a.tokens.usdc, 'mint', [accounts.payer1.address, 1n])
    await expect(a.sender('payer1').send(mint)).rejects.toThrow('FiatToken: caller is not a minter')

    const forgedOrigin = { srcEid: b.eid, sender: pad('0x01', { size: 32 }), nonce: 7n }
    const delivery = [forgedOrigin, mati.A, pad('0x01', { size: 32 }), '0x', '0x']
    const forged = contractCall(layerZero.endpoint, a.external.endpoint, 'lzReceive', delivery)
    await expect(a.sender('payer1').send(forged)).rejects.toThrow(
      'EndpointV2.lzReceive on chain 90901 reverted: LZ_InvalidNonce(1)',
    )
  })
})

describe('the market', () => {
  test('keeps time with the wall clock, and fees off the ground', async () => {
    for (const { client } of devnet.chains) {
      // A busy machine delays a block or a tick of the market; it must not change where they lead.
      await vi.waitFor(
        async () => {
          const { timestamp, baseFeePerGas, gasLimit } = await client.getBlock()
          expect(Math.abs(Date.now() / 1_000 - Number(timestamp))).toBeLessThan(4)
          expect(gasLimit).toBe(30_000_000n)
          expect(baseFeePerGas).toBeGreaterThan(100_000_000n)
        },
        { timeout: 30_000, interval: 200 },
      )
    }
  })

  test('gives every feed a past and a fresh round', async () => {
    for (const { client, feeds } of devnet.chains) {
      for (const feed of Object.values(feeds)) {
        const round = await read<bigint[]>(client, aggregator(), feed, 'latestRoundData')
        const [roundId = 0n, answer = 0n, , updatedAt = 0n] = round
        expect(roundId).toBeGreaterThan(10n)
        expect(answer).toBeGreaterThan(0n)
        expect(Date.now() / 1_000 - Number(updatedAt)).toBeLessThan(45)
      }
    }
  })

  test('gives every pool two hours of observations near the market', async () => {
    for (const name of names) {
      const { client } = devnet.chain(name)
      const { matiUsdc, matiWeth, wethUsdc } = pools[name]
      for (const { address } of [matiUsdc, matiWeth, wethUsdc]) {
        const [ticks] = await read<[bigint[]]>(client, uniswap.pool, address, 'observe', [[7_200, 1_800, 0]])
        const [before = 0n, halfAnHourAgo = 0n, now = 0n] = ticks
        const mean = (from: bigint, to: bigint, seconds: bigint) => Number(to - from) / Number(seconds)
        const drift = mean(halfAnHourAgo, now, 1_800n) - mean(before, halfAnHourAgo, 5_400n)
        expect(Math.abs(drift)).toBeLessThan(100) // 1%
        const [, , , , kept] = await read<readonly unknown[]>(client, uniswap.pool, address, 'slot0')
        expect(kept).toBe(1_200)
      }
    }
  })
})

async function deployToken(chain: LocalChain, amount: bigint): Promise<Address> {
  const deployer = chain.sender('deployer')
  const batch = await deployer.batch()
  const args = [chain.external.endpoint, deployer.address, deployer.address, amount]
  const address = batch.deploy(token(), args)
  await batch.flush()
  return address
}

/** Makes every other chain's token a peer. */
async function connectToken(name: Name): Promise<void> {
  const deployer = devnet.chain(name).sender('deployer')
  const calls = names
    .filter((remote) => remote !== name)
    .map((remote) => {
      const peer = pad(mati[remote], { size: 32 })
      const { eid } = devnet.chain(remote)
      return [
        contractCall(token(), mati[name], 'setPeer', [eid, peer]),
        contractCall(token(), mati[name], 'setLimits', [eid, unlimited]),
      ]
    })
    .flat()
  await deployer.sendAll(calls)
}

/** The same for every chain, at once. */
async function onEach<Result>(work: (name: Name) => Promise<Result>): Promise<Record<Name, Result>> {
  const entries = names.map(async (name) => [name, await work(name)] as const)
  return Object.fromEntries(await Promise.all(entries)) as Record<Name, Result>
}

async function freePorts(): Promise<{ a: number; b: number; c: number }> {
  return { a: await findFreePort(), b: await findFreePort(), c: await findFreePort() }
}

/** Sends Mati as the deployer (from chain A) or as the receiver (from others); resolves with the message's guid. */
async function bridge(transfer: {
  from?: Name
  remote?: Name
  to: Address
  amount: bigint
  extraOptions?: Hex
  composeMsg?: Hex
}): Promise<Hex> {
  const { from = 'A', remote = 'B', to, amount, extraOptions = receiveOption, composeMsg = '0x' } = transfer
  const chain = devnet.chain(from)
  const sender = chain.sender(from === 'A' ? 'deployer' : 'payer1')
  const recipient = pad(to, { size: 32 })
  const param = {
    dstEid: devnet.chain(remote).eid,
    to: recipient,
    amountLD: amount,
    minAmountLD: 0n,
    extraOptions,
    composeMsg,
    oftCmd: '0x',
  }
  const fee = await read<{ nativeFee: bigint }>(chain.client, token(), mati[from], 'quoteSend', [param, false])
  const options = { value: fee.nativeFee, gas: 600_000n }
  const receipt = await sender.send(contractCall(token(), mati[from], 'send', [param, fee, sender.address], options))
  const [sent] = parseEventLogs({ abi: token().abi, logs: receipt.logs, eventName: 'OFTSent' })
  return (sent as unknown as { args: { guid: Hex } }).args.guid
}

/** Deploys bare code: PUSH1 size · DUP1 · PUSH1 offset · PUSH0 · CODECOPY · PUSH0 · RETURN · code. */
async function deployCode(chain: LocalChain, code: Hex): Promise<Address> {
  const size = numberToHex((code.length - 2) / 2, { size: 1 }).slice(2)
  const data: Hex = `0x60${size}8060095f395ff3${code.slice(2)}`
  const receipt = await chain.sender('deployer').send({ label: 'deploy code', data, gas: 200_000n, abi: [] })
  return receipt.contractAddress ?? zeroAddress
}

/** Passes every request on, and answers four of five. */
async function startLossyProxy(target: string) {
  let requests = 0
  let lost = 0
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk as Uint8Array)
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(target, { method: 'POST', headers, body: Buffer.concat(chunks) })
    const body = await answer.text()
    requests += 1
    if (requests % 5 !== 0) return void response.writeHead(200, headers).end(body)
    lost += 1
    response.destroy()
  })
  const port = await findFreePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, lost: () => lost, close }
}

async function sentSoFar({ client, external }: LocalChain): Promise<number> {
  const logs = await client.getLogs({ address: external.endpoint, fromBlock: 0n })
  return parseEventLogs({ abi: layerZero.endpoint.abi, logs, eventName: 'PacketSent' }).length
}

/** Waits until the endpoint has said as many of these events. */
function endpointEvents({ client, external }: LocalChain, names: readonly string[], count: number) {
  return vi.waitFor(
    async () => {
      const logs = await client.getLogs({ address: external.endpoint, fromBlock: 0n })
      const events = parseEventLogs({ abi: layerZero.endpoint.abi, logs }) as unknown as EndpointLog[]
      const found = events.filter(({ eventName }) => names.includes(eventName))
      expect(found).toHaveLength(count)
      return found
    },
    { timeout: 15_000, interval: 200 },
  )
}

interface EndpointLog {
  eventName: string
  args: Record<string, unknown>
}
