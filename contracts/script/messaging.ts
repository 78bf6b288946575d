/** What one end of a pathway must be set to in LayerZero, every field pinned, and what it is set to. */
import { type Address, concat, encodeAbiParameters, encodeFunctionData, type Hex, numberToHex, size } from 'viem'
import { readContract } from 'viem/actions'
import { endpointV2Abi, receiveUln302Abi, type ReadingClient, sendUln302Abi } from '@mati/sdk'
import type { PrivilegedCall } from './access.ts'
import type { End } from './wire.ts'

/** LayerZero's ids of the two kinds of configuration (`SendUln302`). */
const EXECUTOR_CONFIG = 1
const ULN_CONFIG = 2
/** "None, literally": a zero would mean "whatever the library's owner makes the default". */
const NIL_DVN_COUNT = 255

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
export async function messagingCalls(
  client: ReadingClient,
  end: End,
  remote: { eid: number; confirmations: number },
  confirmations: number,
  maxMessageSize: number,
): Promise<PrivilegedCall[]> {
  const { contracts, external } = end
  const endpoint = { address: external.endpoint, abi: endpointV2Abi } as const
  const toRemote = [contracts.token, remote.eid] as const
  const sent = ulnConfig(external.dvns, confirmations)
  const received = ulnConfig(external.dvns, remote.confirmations)
  const [sendLibrary, isDefault, [receiveLibrary, isDefaultReceive], sentNow, receivedNow, executorNow] =
    await Promise.all([
      readContract(client, { ...endpoint, functionName: 'getSendLibrary', args: toRemote }),
      readContract(client, { ...endpoint, functionName: 'isDefaultSendLibrary', args: toRemote }),
      readContract(client, { ...endpoint, functionName: 'getReceiveLibrary', args: toRemote }),
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
  const call = (label: string, data: Hex): PrivilegedCall => ({ label, target: external.endpoint, data })
  const configure = (label: string, library: Address, configType: number, config: Hex) => {
    const args = [contracts.token, library, [{ eid: remote.eid, configType, config }]] as const
    return call(label, encodeFunctionData({ ...endpoint, functionName: 'setConfig', args }))
  }

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
  if (encodeUln(sentNow) !== encodeUln(sent)) {
    calls.push(configure('set DVNs of what is sent', external.sendLibrary, ULN_CONFIG, encodeUln(sent)))
  }
  if (encodeUln(receivedNow) !== encodeUln(received)) {
    calls.push(configure('set DVNs of what arrives', external.receiveLibrary, ULN_CONFIG, encodeUln(received)))
  }
  if (executorNow[0] !== maxMessageSize || executorNow[1] !== external.executor) {
    const config = encodeAbiParameters([executorConfigType], [{ maxMessageSize, executor: external.executor }])
    calls.push(configure('set executor', external.sendLibrary, EXECUTOR_CONFIG, config))
  }
  return calls
}

/** Options of type 3 that ask the executor for `gas` in `lzReceive`: type, worker, size, option, gas. */
export function receiveOptions(gas: number): Hex {
  const option = concat([numberToHex(1, { size: 1 }), numberToHex(gas, { size: 16 })])
  return concat(['0x0003', numberToHex(1, { size: 1 }), numberToHex(size(option), { size: 2 }), option])
}

type UlnConfig = {
  confirmations: bigint
  requiredDVNCount: number
  optionalDVNCount: number
  optionalDVNThreshold: number
  requiredDVNs: readonly Address[]
  optionalDVNs: readonly Address[]
}

/** All DVNs required, none optional; sorted, as the library wants them. */
function ulnConfig(dvns: readonly Address[], confirmations: number): UlnConfig {
  return {
    confirmations: BigInt(confirmations),
    requiredDVNCount: dvns.length,
    optionalDVNCount: NIL_DVN_COUNT,
    optionalDVNThreshold: 0,
    requiredDVNs: dvns.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
    optionalDVNs: [],
  }
}

function encodeUln(config: UlnConfig): Hex {
  return encodeAbiParameters([ulnConfigType], [config])
}
