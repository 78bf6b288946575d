/** Two chains that are all right, as declared and as observed; each test spoils one thing. */
import { parsePathways } from '@mati/contracts/script/config'
import type { DeclaredChain } from '@mati/contracts/script/doctor/diagnoseChain'
import type { Remedies } from '@mati/contracts/script/doctor/finding'
import type { ObservedChain } from '@mati/contracts/script/doctor/observeChain'
import type { ObservedEnd } from '@mati/contracts/script/doctor/observeEnd'
import { type DeclaredEnd, declareEnd, receiveOptions } from '@mati/contracts/script/pathway'
import type { Deployment } from '@mati/sdk'
import { type Address, getAddress, numberToHex, pad } from 'viem'

export const at = (n: number): Address => getAddress(numberToHex(n, { size: 20 }))
export const remedies: Remedies = { wire: 'wire it', handOver: (chainId) => `hand over ${chainId}` }

/** The n-th chain's addresses all begin at n × 0x100. */
function deploymentOf(n: number): Deployment {
  const base = n * 0x100
  const contracts = { access: at(base + 1), token: at(base + 2), gateway: at(base + 3), settler: at(base + 4) }
  const external = {
    endpoint: at(base + 5),
    sendLibrary: at(base + 6),
    receiveLibrary: at(base + 7),
    executor: at(base + 8),
    dvns: [at(base + 0x12), at(base + 0x11)],
  }
  return { name: `${n}`, chainId: n, eid: n, startBlock: 0, contracts, external } as unknown as Deployment
}

export const [one, other] = [deploymentOf(1), deploymentOf(2)] as const

const operators = (n: number) => ({ Ada: at(n * 0x100 + 0x11), Bob: at(n * 0x100 + 0x12), Cy: at(n * 0x100 + 0x13) })
const limit = (windowSeconds: number) => ({ capacity: 10n ** 24n, windowSeconds })
export const limits = {
  outbound: limit(86_400),
  inbound: limit(80_000),
  gatewayOutbound: limit(86_400),
  gatewayInbound: limit(80_000),
}
export const plain = {
  ends: [
    { chainId: 1, confirmations: 15, limits },
    { chainId: 2, confirmations: 20, limits },
  ],
  maxMessageSize: 10_000,
  sendGas: 150_000,
}
export const named = {
  ...plain,
  ends: plain.ends.map((end) => ({ ...end, dvns: operators(end.chainId) })),
  requiredDvns: ['Bob', 'Ada'],
  optionalDvns: ['Cy'],
  optionalThreshold: 1,
}

export function declare(pathway: unknown = named): DeclaredEnd {
  const [parsed] = parsePathways([pathway])
  if (!parsed) throw new Error('no pathway')
  return declareEnd(parsed, one, other)
}

export const near: ObservedEnd = observed(declare())
export const far: ObservedEnd = {
  ...near,
  tokenPeer: pad(one.contracts.token),
  gatewayPeer: pad(one.contracts.gateway),
  ownGateway: pad(other.contracts.gateway),
  sent: near.received,
  received: near.sent,
}

function observed({ here, there, sent, received, executor, sendGas, limits }: DeclaredEnd): ObservedEnd {
  const { contracts, external } = here
  const dvns = [...sent.requiredDVNs, ...sent.optionalDVNs]
  return {
    block: 1_000n,
    tokenPeer: pad(there.contracts.token),
    gatewayPeer: pad(there.contracts.gateway),
    tokenGateway: pad(there.contracts.gateway),
    ownGateway: pad(contracts.gateway),
    limits,
    isOutboundPaused: false,
    inboundPausedUntil: 0,
    settlerGateway: contracts.gateway,
    sendLibrary: { address: external.sendLibrary, isDefault: false },
    receiveLibrary: { address: external.receiveLibrary, isDefault: false },
    oldReceiveLibrary: { address: at(0x99), until: 1_000n },
    sent: { own: sent, inForce: sent },
    received: { own: received, inForce: received },
    executor,
    enforcedOptions: receiveOptions(sendGas),
    codeless: [],
    signers: Object.fromEntries(dvns.map((dvn, i) => [dvn, [at(0x5000 + i)]])),
    quotes: { token: null, gateway: null },
  }
}

const [deployer, admin, guardian] = [at(0x901), at(0x902), at(0x903)]
export const chain: DeclaredChain & { config: NonNullable<DeclaredChain['config']> } = {
  deployment: one,
  config: {
    deployer,
    roles: {
      admin: { account: admin, delaySeconds: 86_400 },
      guardians: [{ account: guardian, delaySeconds: 0 }],
      operators: [],
      configurators: [],
    },
  },
}
export const seen: ObservedChain & { status: 'read' } = {
  status: 'read',
  eid: 1,
  owner: one.contracts.access,
  delegate: one.contracts.access,
  authorities: { gateway: one.contracts.access, settler: one.contracts.access },
  holders: [
    { role: 'admin', account: admin, delaySeconds: 86_400 },
    { role: 'guardian', account: guardian, delaySeconds: 0 },
  ],
  isHolderListComplete: true,
}
