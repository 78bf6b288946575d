/** Everything that the doctor must find, each brought about as it would be in earnest. */
import { ADMIN_ROLE } from '@mati/contracts/script/access'
import { executorCall, ulnCall } from '@mati/contracts/script/messaging'
import { declareEnd, NIL_CONFIRMATIONS, receiveOptions, SEND, type UlnConfig } from '@mati/contracts/script/pathway'
import {
  dvnAbi,
  endpointV2Abi,
  executorAbi,
  matiAccessAbi,
  matiGatewayAbi,
  matiTokenAbi,
  sendCall,
  settlerAbi,
} from '@mati/sdk'
import { type Address, encodeFunctionData, type Hex, pad, zeroAddress, zeroHash } from 'viem'
import { getBlockNumber, readContract, waitForTransactionReceipt } from 'viem/actions'
import { pathwayOf } from '../config.ts'
import { asAdmin, asGuardian, type Fault, privileged, type Site, testClient } from './fault.ts'

const SECONDS_OF_A_DAY = 86_400

const declaredAt = ({ here, there }: Site) => declareEnd(pathwayOf(here, there), here.deployment, there.deployment)

/** A ULN config that differs from the declared one. */
async function setUln(site: Site, way: 'sent' | 'received', changed: (declared: UlnConfig) => Partial<UlnConfig>) {
  const declared = declaredAt(site)[way]
  const config = { ...declared, ...changed(declared) }
  await asAdmin(site, ulnCall(site.here.deployment, site.there.deployment, way, config))
}

async function setExecutor(site: Site, executor: { maxMessageSize?: number; executor?: Address }) {
  const config = { ...declaredAt(site).executor, ...executor }
  await asAdmin(site, executorCall(site.here.deployment, site.there.deployment, config))
}

async function setLibrary(site: Site, functionName: 'setSendLibrary' | 'setReceiveLibrary', library: Address) {
  const { contracts, external } = site.here.deployment
  const way = [contracts.token, site.there.eid] as const
  const call =
    functionName === 'setSendLibrary'
      ? privileged(external.endpoint, endpointV2Abi, functionName, [...way, library])
      : privileged(external.endpoint, endpointV2Abi, functionName, [...way, library, 0n])
  await asAdmin(site, call)
}

/** The one other library that every endpoint has registered: it blocks all. */
async function blockedLibrary({ here }: Site): Promise<Address> {
  const endpoint = { address: here.deployment.external.endpoint, abi: endpointV2Abi } as const
  return readContract(here.client, { ...endpoint, functionName: 'blockedLibrary' })
}

async function setTokenPeer(site: Site, peer: Hex) {
  const { token } = site.here.deployment.contracts
  await asAdmin(site, privileged(token, matiTokenAbi, 'setPeer', [site.there.eid, peer]))
}

async function enforce(site: Site, options: Hex) {
  const { token } = site.here.deployment.contracts
  const param = { eid: site.there.eid, msgType: SEND, options }
  await asAdmin(site, privileged(token, matiTokenAbi, 'setEnforcedOptions', [[param]]))
}

async function grantAdmin(site: Site, account: Address, delaySeconds: number) {
  const { access } = site.here.deployment.contracts
  await asAdmin(site, privileged(access, matiAccessAbi, 'grantRole', [ADMIN_ROLE, account, delaySeconds]))
}

const libraries: Fault[] = [
  {
    name: 'the send library is inherited',
    inflict: (site) => setLibrary(site, 'setSendLibrary', zeroAddress),
    finds: ['pinned'],
    isWired: true,
  },
  {
    name: 'the receive library is inherited',
    inflict: (site) => setLibrary(site, 'setReceiveLibrary', zeroAddress),
    finds: ['pinned'],
    isWired: true,
  },
  {
    name: 'the send library is another',
    inflict: async (site) => setLibrary(site, 'setSendLibrary', await blockedLibrary(site)),
    finds: ['library'],
    isWired: true,
  },
  {
    name: 'an old receive library is still valid',
    async inflict(site) {
      const { contracts, external } = site.here.deployment
      const until = (await getBlockNumber(site.here.client, { cacheTime: 0 })) + 1_000_000n
      const args = [contracts.token, site.there.eid, await blockedLibrary(site), until] as const
      await asAdmin(site, privileged(external.endpoint, endpointV2Abi, 'setReceiveLibraryTimeout', args))
    },
    finds: ['library'],
    isWired: true,
  },
]

const verification: Fault[] = [
  {
    name: 'confirmations of what is sent are inherited',
    inflict: (site) => setUln(site, 'sent', () => ({ confirmations: 0n })),
    finds: ['pinned'],
    isWired: true,
  },
  {
    name: 'required DVNs of what is received are inherited',
    inflict: (site) => setUln(site, 'received', () => ({ requiredDVNCount: 0, requiredDVNs: [] })),
    finds: ['pinned'],
    isWired: true,
  },
  {
    name: 'optional DVNs of what is received are inherited',
    inflict: (site) => setUln(site, 'received', () => ({ optionalDVNCount: 0 })),
    finds: ['pinned'],
    isWired: true,
  },
  {
    name: 'the ends wait for different numbers of blocks',
    inflict: (site) => setUln(site, 'received', ({ confirmations }) => ({ confirmations: confirmations + 4n })),
    finds: ['confirmations'],
    isWired: true,
  },
  {
    name: 'the sender waits for no block',
    inflict: (site) => setUln(site, 'sent', () => ({ confirmations: NIL_CONFIRMATIONS })),
    finds: ['confirmations'],
    isWired: true,
  },
  {
    name: 'a DVN is replaced by an account',
    inflict: (site) =>
      setUln(site, 'received', ({ requiredDVNs }) => ({
        requiredDVNs: [requiredDVNs[0] ?? zeroAddress, site.accounts.guardian.address].toSorted((a, b) =>
          BigInt(a) < BigInt(b) ? -1 : 1,
        ),
      })),
    finds: ['dvns', 'workers'],
    isWired: true,
  },
  {
    name: 'one DVN alone is required',
    inflict: (site) =>
      setUln(site, 'received', ({ requiredDVNs }) => ({ requiredDVNCount: 1, requiredDVNs: requiredDVNs.slice(0, 1) })),
    finds: ['dvns', 'operators'],
    isWired: true,
  },
  {
    name: 'a DVN is named twice: required and optional',
    inflict: (site) =>
      setUln(site, 'received', ({ requiredDVNs }) => ({
        optionalDVNCount: 1,
        optionalDVNThreshold: 1,
        optionalDVNs: requiredDVNs.slice(0, 1),
      })),
    finds: ['dvns', 'operators'],
    isWired: true,
  },
  {
    name: 'one operator signs for two DVNs',
    async inflict({ here, accounts }) {
      const [, address = zeroAddress] = here.deployment.external.dvns
      const anvil = testClient(here)
      await anvil.impersonateAccount({ address })
      await anvil.setBalance({ address, value: 10n ** 18n })
      const data = encodeFunctionData({ abi: dvnAbi, functionName: 'setSigner', args: [accounts.dvn1.address, true] })
      const hash = await anvil.sendUnsignedTransaction({ from: address, to: address, data })
      await waitForTransactionReceipt(here.client, { hash })
      await anvil.stopImpersonatingAccount({ address })
    },
    finds: ['operators'],
    isChainWide: true,
    isWired: false,
  },
  {
    name: 'a DVN is not there',
    async inflict({ here }) {
      const [address = zeroAddress] = here.deployment.external.dvns
      await testClient(here).setCode({ address, bytecode: '0x' })
    },
    finds: ['workers'],
    isChainWide: true,
    isWired: false,
  },
]

const execution: Fault[] = [
  {
    name: 'the executor is inherited',
    inflict: (site) => setExecutor(site, { executor: zeroAddress }),
    finds: ['pinned'],
    isWired: true,
  },
  {
    name: 'the message size is inherited',
    inflict: (site) => setExecutor(site, { maxMessageSize: 0 }),
    finds: ['pinned'],
    isWired: true,
  },
  {
    name: 'the executor is another',
    inflict: (site) => setExecutor(site, { executor: site.accounts.guardian.address }),
    finds: ['executor'],
    isWired: true,
  },
  {
    name: 'the executor does not serve the other end',
    async inflict({ here, there }) {
      const config = {
        dstEid: there.eid,
        lzReceiveBaseGas: 0n,
        lzComposeBaseGas: 0n,
        multiplierBps: 0,
        floorMarginUSD: 0n,
        nativeCap: 0n,
      }
      const hash = await sendCall(here.wallet('network'), {
        address: here.deployment.external.executor,
        abi: executorAbi,
        functionName: 'setDstConfig',
        args: [[config]],
      })
      await waitForTransactionReceipt(here.client, { hash })
    },
    finds: ['quote'],
    isWired: false,
  },
  {
    name: 'enforced options are removed',
    inflict: (site) => enforce(site, '0x0003'),
    finds: ['options'],
    isWired: true,
  },
  {
    name: 'enforced options pay for too little gas',
    inflict: (site) => enforce(site, receiveOptions(60_000)),
    finds: ['options'],
    isWired: true,
  },
]

const peers: Fault[] = [
  {
    name: "the token's peer is one-sided",
    inflict: (site) => setTokenPeer(site, zeroHash),
    finds: ['peer'],
    isWired: true,
  },
  {
    name: "the token's peer is another contract",
    inflict: (site) => setTokenPeer(site, pad(site.accounts.guardian.address)),
    finds: ['peer'],
    isWired: true,
  },
  {
    name: "the gateway's peer is one-sided",
    inflict: (site) => {
      const { gateway } = site.here.deployment.contracts
      return asAdmin(site, privileged(gateway, matiGatewayAbi, 'setPeer', [site.there.eid, zeroHash]))
    },
    finds: ['gateway'],
    isWired: true,
  },
  {
    name: 'the token does not know the gateway',
    inflict: (site) => {
      const { token } = site.here.deployment.contracts
      return asAdmin(site, privileged(token, matiTokenAbi, 'setGateway', [site.there.eid, zeroHash]))
    },
    finds: ['gateway'],
    isWired: true,
  },
  {
    name: 'the token does not know its own gateway',
    inflict: (site) => {
      const { token } = site.here.deployment.contracts
      return asAdmin(site, privileged(token, matiTokenAbi, 'setGateway', [site.here.eid, zeroHash]))
    },
    finds: ['gateway'],
    isChainWide: true,
    isWired: true,
  },
  {
    name: 'limits are not as declared',
    inflict: (site, { pathways }) => {
      const limits = pathways.flatMap(({ ends }) => ends).find(({ chainId }) => chainId === site.here.chainId)?.limits
      if (!limits) throw new Error('the chain is in no pathway')
      const narrower = { ...limits, outbound: { ...limits.outbound, capacity: limits.outbound.capacity / 2n } }
      const { token } = site.here.deployment.contracts
      return asAdmin(site, privileged(token, matiTokenAbi, 'setLimits', [site.there.eid, narrower]))
    },
    finds: ['limits'],
    isWired: true,
  },
  {
    name: 'sending is paused',
    inflict: (site) => {
      const { token } = site.here.deployment.contracts
      return asGuardian(site, privileged(token, matiTokenAbi, 'setOutboundPaused', [site.there.eid, true]))
    },
    finds: ['paused'],
    isWired: false,
  },
  {
    name: 'what arrives waits',
    inflict: async (site) => {
      const { token } = site.here.deployment.contracts
      const { timestamp } = await site.here.client.getBlock()
      const until = Number(timestamp) + SECONDS_OF_A_DAY
      await asGuardian(site, privileged(token, matiTokenAbi, 'pauseInbound', [site.there.eid, until]))
    },
    finds: ['paused'],
    isWired: false,
  },
  {
    name: 'settlements do not go to the gateway',
    inflict: (site) => {
      const { settler } = site.here.deployment.contracts
      return asAdmin(site, privileged(settler, settlerAbi, 'setGateway', [site.there.eid, zeroAddress]))
    },
    finds: ['settler'],
    isWired: true,
  },
]

const control: Fault[] = [
  {
    name: 'the delegate is no timelock',
    inflict: (site) => {
      const { token } = site.here.deployment.contracts
      return asAdmin(site, privileged(token, matiTokenAbi, 'setDelegate', [site.accounts.guardian.address]))
    },
    finds: ['delegate'],
    isWired: false,
  },
  {
    name: 'an account owns the token',
    inflict: (site) => {
      const { token } = site.here.deployment.contracts
      return asAdmin(site, privileged(token, matiTokenAbi, 'transferOwnership', [site.accounts.guardian.address]))
    },
    finds: ['owner'],
    isWired: false,
  },
  {
    name: 'the deployer is still admin',
    inflict: (site) => grantAdmin(site, site.accounts.deployer.address, 0),
    finds: ['roles'],
    isWired: false,
  },
  {
    name: "an admin's delay is not as declared",
    inflict: (site) => grantAdmin(site, site.accounts.admin.address, SECONDS_OF_A_DAY),
    finds: ['roles'],
    isWired: false,
  },
  {
    name: 'an admin waits for nothing, and no config declares that',
    inflict: async ({ here }, { sides, pathways }) => ({
      pathways,
      sides: sides.map((side) => (side.deployment.chainId === here.chainId ? { ...side, config: null } : side)),
    }),
    finds: ['roles'],
    isWired: false,
  },
]

const identity: Fault[] = [
  {
    name: 'a contract is not there',
    inflict: ({ here }) => testClient(here).setCode({ address: here.deployment.contracts.gateway, bytecode: '0x' }),
    finds: ['code'],
    isWired: false,
  },
  {
    name: 'the endpoint is that of another chain',
    inflict: async ({ here }, { sides, pathways }) => ({
      pathways,
      sides: sides.map((side) =>
        side.deployment.chainId === here.chainId
          ? { ...side, deployment: { ...side.deployment, eid: here.eid + 30_000 } }
          : side,
      ),
    }),
    finds: ['chain'],
    isWired: false,
  },
]

export const faults: readonly Fault[] = [...libraries, ...verification, ...execution, ...peers, ...control, ...identity]
