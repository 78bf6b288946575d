import { encodeFunctionData, zeroAddress, type Address } from 'viem'
import { npmArtifact } from './artifacts.ts'
import { contractCall, type Batch } from './sender.ts'

const protocol = '@layerzerolabs/lz-evm-protocol-v2/artifacts/contracts'
const messagelib = '@layerzerolabs/lz-evm-messagelib-v2/artifacts/contracts'

/** LayerZero's own contracts, as their authors compiled them. */
export const layerZero = {
  endpoint: npmArtifact(`${protocol}/EndpointV2.sol/EndpointV2.json`),
  sendLibrary: npmArtifact(`${messagelib}/uln/uln302/SendUln302.sol/SendUln302.json`),
  receiveLibrary: npmArtifact(`${messagelib}/uln/uln302/ReceiveUln302.sol/ReceiveUln302.json`),
  dvn: npmArtifact(`${messagelib}/uln/dvn/DVN.sol/DVN.json`),
  dvnFeeLib: npmArtifact(`${messagelib}/uln/dvn/DVNFeeLib.sol/DVNFeeLib.json`),
  executor: npmArtifact(`${messagelib}/Executor.sol/Executor.json`),
  executorFeeLib: npmArtifact(`${messagelib}/ExecutorFeeLib.sol/ExecutorFeeLib.json`),
  priceFeed: npmArtifact(`${messagelib}/PriceFeed.sol/PriceFeed.json`),
  treasury: npmArtifact(`${messagelib}/Treasury.sol/Treasury.json`),
  proxyAdmin: npmArtifact(`${messagelib}/upgradeable/proxy/ProxyAdmin.sol/ProxyAdmin.json`),
  proxy: npmArtifact(
    `${messagelib}/upgradeable/proxy/TransparentUpgradeableProxy.sol/TransparentUpgradeableProxy.json`,
  ),
}

export interface LayerZeroOptions {
  eid: number
  /** Endpoint ids of the chains that can be reached from here. */
  remoteEids: readonly number[]
  /** Owner of everything, and an admin of the workers. */
  owner: Address
  /** One DVN per operator: it signs alone for its DVN, and submits for it. */
  dvnOperators: readonly Address[]
  /** Submits for the executor. */
  executorOperator: Address
  /** Blocks a DVN waits for, where an application pins nothing else. */
  confirmations: bigint
}

export interface LayerZeroAddresses {
  endpoint: Address
  sendLibrary: Address
  receiveLibrary: Address
  executor: Address
  /** In the order of `dvnOperators`; a ULN configuration wants them sorted. */
  dvns: Address[]
}

/** The part of an eid that DVNs and price feeds know a chain by. */
export const chainKey = (eid: number) => eid % 30_000

const ratioScale = 10n ** 20n
/** The price feed believes that gas costs one gwei everywhere and that ETH costs 2,500 USD. */
const prices = { priceRatio: ratioScale, gasPriceInUnit: 1_000_000_000n, gasPerByte: 16 }
const nativePriceUsd = 2_500n * ratioScale
const multiplierBps = 12_000
const treasuryGasLimit = 1_000_000n
const maxMessageSize = 10_000
/** The most native coin that one message may ask the executor to pass on, as on Ethereum. */
const nativeCap = 240_000_000_000_000_000n

/**
 * Deploys the stack of one chain and sets the defaults that a real network has: every remote chain reachable, all
 * the DVNs required. Default ULN configurations must exist before a library can become the default.
 */
export function deployLayerZero(batch: Batch, options: LayerZeroOptions): LayerZeroAddresses {
  const { eid, owner, remoteEids } = options
  const endpoint = batch.deploy(layerZero.endpoint, [eid, owner])
  const sendLibrary = batch.deploy(layerZero.sendLibrary, [endpoint, treasuryGasLimit, 0n])
  const receiveLibrary = batch.deploy(layerZero.receiveLibrary, [endpoint])
  const treasury = batch.deploy(layerZero.treasury)
  const proxyAdmin = batch.deploy(layerZero.proxyAdmin, [owner])
  const behindProxy = (artifact: typeof layerZero.executor, args: readonly unknown[]) => {
    // Initialised inside the proxy's constructor: the implementation lets nobody but its proxy's admin do it later.
    const initialize = encodeFunctionData({ abi: artifact.abi, functionName: 'initialize', args })
    return batch.deploy(layerZero.proxy, [batch.deploy(artifact), proxyAdmin, initialize])
  }

  const priceFeed = behindProxy(layerZero.priceFeed, [owner])
  const updates = remoteEids.map((remote) => ({ eid: chainKey(remote), price: prices }))
  batch.add(contractCall(layerZero.priceFeed, priceFeed, 'setPrice', [updates]))
  batch.add(contractCall(layerZero.priceFeed, priceFeed, 'setNativeTokenPriceUSD', [nativePriceUsd]))

  const executor = deployExecutor()
  const dvnFeeLib = batch.deploy(layerZero.dvnFeeLib, [eid, 10n ** 18n])
  const dvns = options.dvnOperators.map(deployDvn)
  setDefaults()
  return { endpoint, sendLibrary, receiveLibrary, executor, dvns }

  function deployExecutor(): Address {
    const admins = [owner, options.executorOperator]
    const args = [endpoint, zeroAddress, [sendLibrary], priceFeed, owner, admins]
    const address = behindProxy(layerZero.executor, args)
    const feeLib = batch.deploy(layerZero.executorFeeLib, [eid, 10n ** 18n])
    const configs = remoteEids.map((dstEid) => ({
      dstEid,
      lzReceiveBaseGas: 150_000n,
      lzComposeBaseGas: 60_000n,
      multiplierBps,
      floorMarginUSD: 0n,
      nativeCap,
    }))
    batch.add(contractCall(layerZero.executor, address, 'setWorkerFeeLib', [feeLib]))
    batch.add(contractCall(layerZero.executor, address, 'setDstConfig', [configs]))
    return address
  }

  function deployDvn(operator: Address): Address {
    const args = [eid, chainKey(eid), [sendLibrary], priceFeed, [operator], 1n, [owner, operator]]
    const address = batch.deploy(layerZero.dvn, args)
    const configs = remoteEids.map((dstEid) => ({ dstEid, gas: 120_000n, multiplierBps, floorMarginUSD: 0n }))
    batch.add(contractCall(layerZero.dvn, address, 'setWorkerFeeLib', [dvnFeeLib]))
    batch.add(contractCall(layerZero.dvn, address, 'setDstConfig', [configs]))
    return address
  }

  function setDefaults(): void {
    const uln = {
      confirmations: options.confirmations,
      requiredDVNCount: dvns.length,
      optionalDVNCount: 0,
      optionalDVNThreshold: 0,
      requiredDVNs: dvns.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
      optionalDVNs: [],
    }
    const ulnConfigs = remoteEids.map((remote) => ({ eid: remote, config: uln }))
    const executorConfigs = remoteEids.map((remote) => ({
      eid: remote,
      config: { maxMessageSize, executor },
    }))
    batch.add(contractCall(layerZero.sendLibrary, sendLibrary, 'setTreasury', [treasury]))
    batch.add(contractCall(layerZero.sendLibrary, sendLibrary, 'setDefaultUlnConfigs', [ulnConfigs]))
    batch.add(contractCall(layerZero.sendLibrary, sendLibrary, 'setDefaultExecutorConfigs', [executorConfigs]))
    batch.add(contractCall(layerZero.receiveLibrary, receiveLibrary, 'setDefaultUlnConfigs', [ulnConfigs]))
    for (const library of [sendLibrary, receiveLibrary]) {
      batch.add(contractCall(layerZero.endpoint, endpoint, 'registerLibrary', [library]))
    }
    for (const remote of remoteEids) {
      batch.add(contractCall(layerZero.endpoint, endpoint, 'setDefaultSendLibrary', [remote, sendLibrary]))
      batch.add(contractCall(layerZero.endpoint, endpoint, 'setDefaultReceiveLibrary', [remote, receiveLibrary, 0n]))
    }
  }
}
