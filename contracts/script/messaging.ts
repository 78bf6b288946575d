/** The calls that set one end of a pathway in LayerZero: libraries, DVNs, executor, every field pinned. */
import { type Address, encodeAbiParameters, encodeFunctionData, type Hex } from 'viem'
import { getBlockNumber, readContract } from 'viem/actions'
import { endpointV2Abi, receiveUln302Abi, type ReadingClient, sendUln302Abi } from '@mati/sdk'
import type { PrivilegedCall } from './access.ts'
import type { DeclaredEnd, End, UlnConfig } from './pathway.ts'

/** LayerZero's ids of the two kinds of configuration (`SendUln302`). */
const EXECUTOR_CONFIG = 1
const ULN_CONFIG = 2

const ulnConfigType = {
  type: 'tuple',
  components: [
    { name: 'confirmations', type: 'uint64' },
    { name: 'requiredDVNCount', type: 'uint8' },
    { name: 'optionalDVNCount', type: 'uint8' },
    { name: 'optionalDVNThreshold', type: 'uint8' },
    { name: 'requiredDVNs', type: 'address[]' },
    { name: 'optionalDVNs', type: 'address[]' },
  ],
} as const
const executorConfigType = {
  type: 'tuple',
  components: [
    { name: 'maxMessageSize', type: 'uint32' },
    { name: 'executor', type: 'address' },
  ],
} as const

/** The calls that bring the token's libraries, DVNs and executor of one end to what the pathway says; none if there. */
export async function messagingCalls(client: ReadingClient, declared: DeclaredEnd): Promise<PrivilegedCall[]> {
  const { sent, received, executor } = declared
  const { contracts, external } = declared.here
  const remote = declared.there
  const endpoint = { address: external.endpoint, abi: endpointV2Abi } as const
  const toRemote = [contracts.token, remote.eid] as const
  const [sendLibrary, isDefault, [receiveLibrary, isDefaultReceive], [oldLibrary, graceEnds], block, ...rest] =
    await Promise.all([
      readContract(client, { ...endpoint, functionName: 'getSendLibrary', args: toRemote }),
      readContract(client, { ...endpoint, functionName: 'isDefaultSendLibrary', args: toRemote }),
      readContract(client, { ...endpoint, functionName: 'getReceiveLibrary', args: toRemote }),
      readContract(client, { ...endpoint, functionName: 'receiveLibraryTimeout', args: toRemote }),
      getBlockNumber(client, { cacheTime: 0 }),
      readContract(client, {
        address: external.sendLibrary,
        abi: sendUln302Abi,
        functionName: 'getAppUlnConfig',
        args: toRemote,
      }),
      readContract(client, {
        address: external.receiveLibrary,
        abi: receiveUln302Abi,
        functionName: 'getAppUlnConfig',
        args: toRemote,
      }),
      readContract(client, {
        address: external.sendLibrary,
        abi: sendUln302Abi,
        functionName: 'executorConfigs',
        args: toRemote,
      }),
    ])
  const [sentNow, receivedNow, executorNow] = rest
  const call = (label: string, data: Hex): PrivilegedCall => ({ label, target: external.endpoint, data })
  const calls: PrivilegedCall[] = []
  if (isDefault || sendLibrary !== external.sendLibrary) {
    const args = [...toRemote, external.sendLibrary] as const
    calls.push(call('set send library', encodeFunctionData({ ...endpoint, functionName: 'setSendLibrary', args })))
  }
  if (isDefaultReceive || receiveLibrary !== external.receiveLibrary) {
    const args = [...toRemote, external.receiveLibrary, 0n] as const
    calls.push(
      call('set receive library', encodeFunctionData({ ...endpoint, functionName: 'setReceiveLibrary', args })),
    )
  }
  if (graceEnds > block) {
    const args = [...toRemote, oldLibrary, 0n] as const
    const data = encodeFunctionData({ ...endpoint, functionName: 'setReceiveLibraryTimeout', args })
    calls.push(call("end the old receive library's grace", data))
  }
  if (encodeUln(sentNow) !== encodeUln(sent)) calls.push(ulnCall(declared.here, remote, 'sent', sent))
  if (encodeUln(receivedNow) !== encodeUln(received)) {
    calls.push(ulnCall(declared.here, remote, 'received', received))
  }
  if (executorNow[0] !== executor.maxMessageSize || executorNow[1] !== executor.executor) {
    calls.push(executorCall(declared.here, remote, executor))
  }
  return calls
}

/** Sets DVNs and confirmations of what is sent to `there`, or received from it. */
export function ulnCall(here: End, there: End, way: 'sent' | 'received', config: UlnConfig): PrivilegedCall {
  const library = way === 'sent' ? here.external.sendLibrary : here.external.receiveLibrary
  return configCall(`set DVNs of what is ${way}`, here, there, {
    library,
    configType: ULN_CONFIG,
    config: encodeUln(config),
  })
}

/** Sets who executes what is sent to `there`. */
export function executorCall(here: End, there: End, executor: DeclaredEnd['executor']): PrivilegedCall {
  const config = encodeAbiParameters([executorConfigType], [executor])
  const library = here.external.sendLibrary
  return configCall('set executor', here, there, { library, configType: EXECUTOR_CONFIG, config })
}

function configCall(
  label: string,
  here: End,
  there: End,
  { library, ...param }: { library: Address; configType: number; config: Hex },
): PrivilegedCall {
  const args = [here.contracts.token, library, [{ eid: there.eid, ...param }]] as const
  const data = encodeFunctionData({ abi: endpointV2Abi, functionName: 'setConfig', args })
  return { label, target: here.external.endpoint, data }
}

/** As the libraries take it; two configs are equal if this is. */
function encodeUln(config: UlnConfig): Hex {
  return encodeAbiParameters([ulnConfigType], [config])
}
