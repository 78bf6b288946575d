/** Opens a pathway between two chains: pathways are data, both ends are brought to what it says. Reads before it writes. */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { encodeFunctionData, type Hex, pad } from 'viem'
import { readContract } from 'viem/actions'
import {
  matiGatewayAbi,
  matiTokenAbi,
  parseDeployment,
  type ReadingClient,
  type SendingClient,
  settlerAbi,
} from '@mati/sdk'
import { makeCalls, type PrivilegedCall } from './access.ts'
import { connect, fail, parseOptions, privateKey } from './cli.ts'
import { type Pathway, readJson, readPathways } from './config.ts'
import { DeployError } from './error.ts'
import { messagingCalls } from './messaging.ts'
import { type DeclaredEnd, declareEnd, type End, receiveOptions, SEND } from './pathway.ts'
import type { Log } from './send.ts'

/**
 * Brings both ends of a pathway to what it says: peers of token and gateway, the gateways' places in token and settler,
 * limits, libraries, DVNs, confirmations, executor and enforced options, every field pinned.
 * @param sides Both ends, in any order, each with a client of its chain whose account is an admin there.
 * @example
 * await wirePathway([{ client: a, end: deploymentA }, { client: b, end: deploymentB }], pathway)
 */
export async function wirePathway(
  sides: readonly [{ client: SendingClient; end: End }, { client: SendingClient; end: End }],
  pathway: Pathway,
  log: Log = () => {},
): Promise<void> {
  const [one, other] = sides
  const ways = [
    { from: one, to: other },
    { from: other, to: one },
  ]
  await Promise.all(
    ways.map(async ({ from, to }) => {
      const calls = await pathwayCalls(from.client, from.end, to.end, pathway)
      await makeCalls(from.client, from.end.contracts.access, calls, log)
    }),
  )
  // Settlers last: what one end sends before the other knows its gateway would come back, tipped each time.
  await Promise.all(
    ways.map(async ({ from, to }) => {
      const calls = await settlerCalls(from.client, from.end, to.end)
      await makeCalls(from.client, from.end.contracts.access, calls, log)
    }),
  )
}

/** What is still to be called at the end `here` for messages to pass to and from `there`; nothing if they do. */
async function pathwayCalls(client: ReadingClient, here: End, there: End, pathway: Pathway): Promise<PrivilegedCall[]> {
  if (client.chain.id !== here.chainId) {
    throw new DeployError(`The RPC is of chain ${client.chain.id}, the deployment of chain ${here.chainId}`)
  }
  if (!isSame(here.contracts.payoutAccounts, there.contracts.payoutAccounts)) {
    const [at, other] = [here, there].map(({ chainId, contracts }) => `${contracts.payoutAccounts} on chain ${chainId}`)
    throw new DeployError(`PayoutAccounts must be at one address: it is at ${at}, and at ${other}`)
  }
  const declared = declareEnd(pathway, here, there)
  const parts = await Promise.all([
    tokenCalls(client, declared),
    gatewayCalls(client, here, there),
    messagingCalls(client, declared),
  ])
  return parts.flat()
}

async function tokenCalls(client: ReadingClient, declared: DeclaredEnd): Promise<PrivilegedCall[]> {
  const { here, there, limits, sendGas } = declared
  const token = { address: here.contracts.token, abi: matiTokenAbi } as const
  const [eid, peer] = [there.eid, pad(there.contracts.token)]
  const options = receiveOptions(sendGas)
  const gateways = [here, there].map((end) => ({ eid: end.eid, gateway: pad(end.contracts.gateway) }))
  const [peerNow, gatewaysNow, limitsNow, optionsNow] = await Promise.all([
    readContract(client, { ...token, functionName: 'peers', args: [eid] }),
    Promise.all(gateways.map((at) => readContract(client, { ...token, functionName: 'gateway', args: [at.eid] }))),
    readContract(client, { ...token, functionName: 'limits', args: [eid] }),
    readContract(client, { ...token, functionName: 'enforcedOptions', args: [eid, SEND] }),
  ])
  const call = (label: string, data: Hex): PrivilegedCall => ({ label, target: token.address, data })
  const calls: PrivilegedCall[] = []
  if (!isSame(peerNow, peer)) {
    calls.push(call('set token peer', encodeFunctionData({ ...token, functionName: 'setPeer', args: [eid, peer] })))
  }
  for (const [i, at] of gateways.entries()) {
    if (isSame(gatewaysNow[i] ?? '0x0', at.gateway)) continue
    const data = encodeFunctionData({ ...token, functionName: 'setGateway', args: [at.eid, at.gateway] })
    calls.push(call('name gateway in token', data))
  }
  if (!isDeepStrictEqual(limitsNow, limits)) {
    calls.push(call('set limits', encodeFunctionData({ ...token, functionName: 'setLimits', args: [eid, limits] })))
  }
  if (optionsNow !== options) {
    const args = [[{ eid, msgType: SEND, options }]] as const
    calls.push(call('enforce options', encodeFunctionData({ ...token, functionName: 'setEnforcedOptions', args })))
  }
  return calls
}

async function gatewayCalls(client: ReadingClient, here: End, there: End): Promise<PrivilegedCall[]> {
  const gateway = { address: here.contracts.gateway, abi: matiGatewayAbi } as const
  const [eid, peer] = [there.eid, pad(there.contracts.gateway)]
  const peerNow = await readContract(client, { ...gateway, functionName: 'peer', args: [eid] })
  if (isSame(peerNow, peer)) return []
  const data = encodeFunctionData({ ...gateway, functionName: 'setPeer', args: [eid, peer] })
  return [{ label: 'set gateway peer', target: gateway.address, data }]
}

/** What lets settlements at the end `here` go to `there`; nothing if they do. Only once both gateways know each other. */
async function settlerCalls(client: ReadingClient, here: End, there: End): Promise<PrivilegedCall[]> {
  const settler = { address: here.contracts.settler, abi: settlerAbi } as const
  const way = await readContract(client, { ...settler, functionName: 'gateway', args: [there.eid] })
  if (isSame(way, here.contracts.gateway)) return []
  const args = [there.eid, here.contracts.gateway] as const
  const data = encodeFunctionData({ ...settler, functionName: 'setGateway', args })
  return [{ label: 'lead settler to gateway', target: settler.address, data }]
}

/** Addresses, left-padded or not, by value: contracts answer in lower case. */
function isSame(a: Hex, b: Hex): boolean {
  return BigInt(a) === BigInt(b)
}

const usage = `Opens the pathways between deployed chains.

  DEPLOYER_PRIVATE_KEY=0x… node contracts/script/wire.ts --pathways FILE --deployments FOLDER --rpc URL --rpc URL …

  --pathways FILE       which chains are joined, and how: contracts/config/pathways.json
  --deployments FOLDER  where deploy.ts wrote <chainId>.json
  --rpc URL             a node of each chain that a pathway names
  --help                this

Running it again changes nothing that is in place already and sends no transaction.`

async function main(): Promise<void> {
  const options = parseOptions(usage, ['pathways', 'deployments', 'rpc'])
  const pathways = readPathways(options.require('pathways'))
  const folder = options.require('deployments')
  const clients = await Promise.all(options.all('rpc').map((url) => connect(url, privateKey())))
  const side = (chainId: number) => {
    const client = clients.find(({ chain }) => chain.id === chainId)
    if (!client) throw new DeployError(`A pathway names chain ${chainId}; pass --rpc with a node of it`)
    return { client, end: parseDeployment(readJson(path.join(folder, `${chainId}.json`))) }
  }
  for (const pathway of pathways) {
    const [one, other] = pathway.ends
    await wirePathway([side(one.chainId), side(other.chainId)], pathway, console.log)
  }
  console.log(`${pathways.length} pathways lead where they should`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(fail)
