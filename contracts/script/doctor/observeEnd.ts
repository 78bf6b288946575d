/** Reads how one end of a pathway is set; compares nothing. */
import { type Address, BaseError, getAddress, type Hex, pad } from 'viem'
import { getBlock, getCode, readContract } from 'viem/actions'
import {
  dvnAbi,
  endpointV2Abi,
  matiGatewayAbi,
  matiTokenAbi,
  type ReadingClient,
  receiveUln302Abi,
  sendUln302Abi,
  settlerAbi,
} from '@mati/sdk'
import { type DeclaredEnd, SEND, type UlnConfig } from '../pathway.ts'

export type ObservedUln = {
  /** As the token pinned it: a zero inherits. */
  own: UlnConfig
  /** What is in force; null if the library finds it invalid. */
  inForce: UlnConfig | null
}

export type ObservedEnd = {
  block: bigint
  tokenPeer: Hex
  gatewayPeer: Hex
  /** The gateway at the other end, as the token knows it. */
  tokenGateway: Hex
  /** The gateway of this end, as the token knows it. */
  ownGateway: Hex
  limits: DeclaredEnd['limits']
  isOutboundPaused: boolean
  /** Unix seconds; 0 if arrivals do not wait now. */
  inboundPausedUntil: number
  settlerGateway: Address
  sendLibrary: { address: Address; isDefault: boolean }
  receiveLibrary: { address: Address; isDefault: boolean }
  /** Valid beside the receive library until that block. */
  oldReceiveLibrary: { address: Address; until: bigint }
  sent: ObservedUln
  received: ObservedUln
  /** As the token pinned it: a zero inherits. */
  executor: { maxMessageSize: number; executor: Address }
  enforcedOptions: Hex
  /** Of executor and DVNs, declared or in use, those without code. */
  codeless: Address[]
  /** Who signs for each DVN in use; null where the contract does not say. */
  signers: Record<Address, readonly Address[] | null>
  /** Null if it quotes, or why it does not. */
  quotes: { token: string | null; gateway: string | null }
}

/** @throws viem's errors if the node does not answer. */
export async function observeEnd(client: ReadingClient, declared: DeclaredEnd): Promise<ObservedEnd> {
  const { contracts, external } = declared.here
  const { eid } = declared.there
  const endpoint = { address: external.endpoint, abi: endpointV2Abi } as const
  const token = { address: contracts.token, abi: matiTokenAbi } as const
  const gateway = { address: contracts.gateway, abi: matiGatewayAbi } as const
  const settler = { address: contracts.settler, abi: settlerAbi } as const
  const sending = { address: external.sendLibrary, abi: sendUln302Abi } as const
  const receiving = { address: external.receiveLibrary, abi: receiveUln302Abi } as const
  const args = [contracts.token, eid] as const
  const [
    { number: block, timestamp },
    tokenPeer,
    gatewayPeer,
    tokenGateway,
    ownGateway,
    limits,
    isOutboundPaused,
    inboundPausedUntil,
    settlerGateway,
    sendLibrary,
    isDefaultSend,
    [receiveLibrary, isDefaultReceive],
    [oldLibrary, until],
    sentOwn,
    receivedOwn,
    sentInForce,
    receivedInForce,
    [maxMessageSize, executor],
    enforcedOptions,
    quotes,
  ] = await Promise.all([
    getBlock(client),
    readContract(client, { ...token, functionName: 'peers', args: [eid] }),
    readContract(client, { ...gateway, functionName: 'peer', args: [eid] }),
    readContract(client, { ...token, functionName: 'gateway', args: [eid] }),
    readContract(client, { ...token, functionName: 'gateway', args: [declared.here.eid] }),
    readContract(client, { ...token, functionName: 'limits', args: [eid] }),
    readContract(client, { ...token, functionName: 'isOutboundPaused', args: [eid] }),
    readContract(client, { ...token, functionName: 'inboundPausedUntil', args: [eid] }),
    readContract(client, { ...settler, functionName: 'gateway', args: [eid] }),
    readContract(client, { ...endpoint, functionName: 'getSendLibrary', args }),
    readContract(client, { ...endpoint, functionName: 'isDefaultSendLibrary', args }),
    readContract(client, { ...endpoint, functionName: 'getReceiveLibrary', args }),
    readContract(client, { ...endpoint, functionName: 'receiveLibraryTimeout', args }),
    readContract(client, { ...sending, functionName: 'getAppUlnConfig', args }),
    readContract(client, { ...receiving, functionName: 'getAppUlnConfig', args }),
    orNull(readContract(client, { ...sending, functionName: 'getUlnConfig', args })),
    orNull(readContract(client, { ...receiving, functionName: 'getUlnConfig', args })),
    readContract(client, { ...sending, functionName: 'executorConfigs', args }),
    readContract(client, { ...token, functionName: 'enforcedOptions', args: [eid, SEND] }),
    observeQuotes(client, declared),
  ])
  const inUse = [sentInForce, receivedInForce].flatMap((uln) => [
    ...(uln?.requiredDVNs ?? []),
    ...(uln?.optionalDVNs ?? []),
  ])
  const named = [...declared.sent.requiredDVNs, ...declared.sent.optionalDVNs, declared.executor.executor]
  return {
    block,
    tokenPeer,
    gatewayPeer,
    tokenGateway,
    ownGateway,
    limits,
    isOutboundPaused,
    inboundPausedUntil: inboundPausedUntil > timestamp ? inboundPausedUntil : 0,
    settlerGateway,
    sendLibrary: { address: sendLibrary, isDefault: isDefaultSend },
    receiveLibrary: { address: receiveLibrary, isDefault: isDefaultReceive },
    oldReceiveLibrary: { address: oldLibrary, until },
    sent: { own: sentOwn, inForce: sentInForce },
    received: { own: receivedOwn, inForce: receivedInForce },
    executor: { maxMessageSize, executor },
    enforcedOptions,
    codeless: await codelessOf(client, [...inUse, ...named]),
    signers: await signersOf(client, inUse),
    quotes,
  }
}

/** Of these addresses, each once, those that hold no code. */
export async function codelessOf(client: ReadingClient, addresses: readonly Address[]): Promise<Address[]> {
  const distinct = [...new Set(addresses.map((address) => getAddress(address)))]
  const codes = await Promise.all(distinct.map((address) => getCode(client, { address })))
  return distinct.filter((_, i) => !codes[i])
}

async function signersOf(client: ReadingClient, dvns: readonly Address[]): Promise<ObservedEnd['signers']> {
  const entries = [...new Set(dvns)].map(async (address) => {
    const signers = readContract(client, { address, abi: dvnAbi, functionName: 'getSigners' })
    return [address, await orNull(signers)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function observeQuotes(client: ReadingClient, { here, there }: DeclaredEnd): Promise<ObservedEnd['quotes']> {
  const send = {
    dstEid: there.eid,
    to: pad(there.contracts.token),
    amountLD: 0n,
    minAmountLD: 0n,
    extraOptions: '0x',
    composeMsg: '0x',
    oftCmd: '0x',
  } as const
  const token = { address: here.contracts.token, abi: matiTokenAbi } as const
  const gateway = { address: here.contracts.gateway, abi: matiGatewayAbi } as const
  const [ofToken, ofGateway] = await Promise.all([
    refusalOf(readContract(client, { ...token, functionName: 'quoteSend', args: [send, false] })),
    refusalOf(readContract(client, { ...gateway, functionName: 'quote', args: [there.eid, 1n] })),
  ])
  return { token: ofToken, gateway: ofGateway }
}

/** Null for a contract that refuses; a node that does not answer is still an error. */
async function orNull<Value>(reading: Promise<Value>): Promise<Value | null> {
  return reading.catch((error: unknown) => {
    if (isRefusal(error)) return null
    throw error
  })
}

async function refusalOf(reading: Promise<unknown>): Promise<string | null> {
  return reading.then(
    () => null,
    (error: unknown) => {
      if (isRefusal(error)) return error.shortMessage.replaceAll('\n', ' ')
      throw error
    },
  )
}

/** Whether a contract answered, if only with a revert or with nothing. */
function isRefusal(error: unknown): error is BaseError {
  const refusals = ['ContractFunctionRevertedError', 'ContractFunctionZeroDataError', 'AbiDecodingZeroDataError']
  return error instanceof BaseError && error.walk((cause) => refusals.includes((cause as Error).name)) !== null
}
