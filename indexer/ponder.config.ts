/** What ponder indexes: the contracts of every deployment, by the events that carry facts. */
import { endpointV2Abi, matiEscrowAbi, matiGatewayAbi, matiTokenAbi, merchantRegistryAbi, settlerAbi } from '@mati/sdk'
import { createConfig } from 'ponder'
import type { Address } from 'viem'
import { config } from './src/config/index.ts'

/** Where a contract is on each chain. */
function onEveryChain(addressOf: (chain: (typeof config.chains)[number]['deployment']) => Address) {
  return Object.fromEntries(
    config.chains.map(({ deployment }) => [
      deployment.name,
      { address: addressOf(deployment), startBlock: deployment.startBlock },
    ]),
  )
}

export default createConfig({
  // Chains are indexed independently: nothing here may assume that a sending is seen before its arrival.
  ordering: 'multichain',
  database: config.database,
  chains: Object.fromEntries(
    config.chains.map(({ deployment, rpcUrls, wsUrl }) => [
      deployment.name,
      { id: deployment.chainId, rpc: rpcUrls, ws: wsUrl },
    ]),
  ),
  contracts: {
    Escrow: {
      abi: matiEscrowAbi,
      chain: onEveryChain(({ contracts }) => contracts.escrow),
      includeTransactionReceipts: true,
    },
    Settler: {
      abi: settlerAbi,
      chain: onEveryChain(({ contracts }) => contracts.settler),
      includeTransactionReceipts: true,
    },
    Registry: {
      abi: merchantRegistryAbi,
      chain: onEveryChain(({ contracts }) => contracts.registry),
      includeTransactionReceipts: true,
    },
    Gateway: {
      abi: matiGatewayAbi,
      chain: onEveryChain(({ contracts }) => contracts.gateway),
      includeTransactionReceipts: true,
    },
    Token: {
      abi: matiTokenAbi,
      chain: onEveryChain(({ contracts }) => contracts.token),
      includeTransactionReceipts: true,
    },
    Endpoint: {
      abi: endpointV2Abi,
      chain: onEveryChain(({ external }) => external.endpoint),
      includeTransactionReceipts: true,
    },
  },
})
