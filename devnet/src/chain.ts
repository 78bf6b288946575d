import { erc20Abi, type Address } from 'viem'
import type { AccountName, Accounts } from './accounts.ts'
import { startAnvil, type Anvil, type AnvilOptions } from './anvil.ts'
import { forgeArtifact } from './artifacts.ts'
import { placeCanonical } from './canonical.ts'
import { deployFeeds, type FeedAddresses } from './chainlink.ts'
import { connect, control, type ChainClient } from './client.ts'
import { startMining, type Mining } from './clock.ts'
import { deployLayerZero, type LayerZeroAddresses } from './layerzero.ts'
import type { Prices } from './market.ts'
import { contractCall, createSender, type Sender } from './sender.ts'
import { deployUniswap, type UniswapAddresses } from './uniswap.ts'

/** What tells one local chain from another. */
export interface ChainSpec {
  /** Also the name of its log file. */
  name: string
  chainId: number
  /** LayerZero's endpoint id. */
  eid: number
  port: number
}

/** What a network has before we come: addresses as in a deployment file's `external`. */
export interface ExternalAddresses extends LayerZeroAddresses {
  wrappedNative: Address
  permit2: Address
  multicall: Address
  uniswap: UniswapAddresses
}

/** A running local chain with everything a real network has, and nothing of ours. */
export interface LocalChain {
  name: string
  chainId: number
  eid: number
  rpcUrl: string
  wsUrl: string
  client: ChainClient
  external: ExternalAddresses
  feeds: FeedAddresses
  tokens: { weth: Address; usdc: Address }
  /** Sends as a named account; one sender per account, so that its nonces are counted once. */
  sender(account: AccountName): Sender
  /** Sets an account's native balance (wei), up or down. */
  setNativeBalance(account: Address, wei: bigint): Promise<void>
  /** Mints USDC (6 decimals). */
  mintUsdc(to: Address, amount: bigint): Promise<void>
  /** Wraps native coins (wei) of a named account into WETH. */
  wrap(account: AccountName, wei: bigint): Promise<void>
  balanceOf(token: Address, account: Address): Promise<bigint>
}

export interface ChainOptions extends Pick<
  AnvilOptions,
  'mnemonic' | 'timestamp' | 'gasLimit' | 'baseFee' | 'onOutput'
> {
  accounts: Accounts
  remoteEids: readonly number[]
  /** Blocks that DVNs wait for by default. */
  confirmations: bigint
  prices: Prices
}

const wholeCoinsEach = 100_000

/** A local chain, and what keeps it running. */
export interface StartedChain {
  anvil: Anvil
  chain: LocalChain
  /** Goes on until the chain is to mine by the clock. */
  mining: Mining
  /** Ends mining and process. */
  stop(): Promise<void>
}

/** Starts anvil and deploys WETH, USDC, Permit2, Multicall3, LayerZero, Uniswap v3 and the Chainlink feeds on it. */
export async function startChain(spec: ChainSpec, options: ChainOptions): Promise<StartedChain> {
  const { accounts, prices, remoteEids, confirmations, ...anvilOptions } = options
  const anvil = await startAnvil({
    ...spec,
    ...anvilOptions,
    accounts: Object.keys(accounts).length,
    balance: wholeCoinsEach,
  })
  const { rpcUrl, wsUrl } = anvil
  const client = connect({ ...spec, rpcUrl, wsUrl })
  const mining = startMining(client)
  const stop = async () => {
    await mining.stop()
    await anvil.stop()
  }
  const senders = new Map<AccountName, Sender>()
  const sender = (name: AccountName) => {
    const known = senders.get(name) ?? createSender(client, accounts[name])
    senders.set(name, known)
    return known
  }
  try {
    const deployed = await deployNetwork()
    const chain = { ...spec, rpcUrl, wsUrl, client, sender, ...deployed, ...tools(deployed.tokens) }
    return { anvil, chain, mining, stop }
  } catch (error) {
    await stop()
    throw error
  }

  async function deployNetwork(): Promise<Pick<LocalChain, 'external' | 'feeds' | 'tokens'>> {
    const owner = accounts.network.address
    const batch = await sender('network').batch()
    const weth = batch.deploy(forgeArtifact('WETH9'))
    const usdc = batch.deploy(forgeArtifact('DevUsdc'), [owner])
    const layerZero = deployLayerZero(batch, {
      eid: spec.eid,
      remoteEids,
      owner,
      dvnOperators: [accounts.dvn1.address, accounts.dvn2.address],
      executorOperator: accounts.executor.address,
      confirmations,
    })
    const uniswap = deployUniswap(batch, weth)
    const feeds = deployFeeds(batch, { ethUsd: prices.ETH, usdcUsd: prices.USDC })
    await batch.flush()
    const permit2 = await placeCanonical(client, 'permit2')
    const multicall = await placeCanonical(client, 'multicall3')
    const external = { ...layerZero, wrappedNative: weth, permit2, multicall, uniswap }
    return { external, feeds, tokens: { weth, usdc } }
  }

  function tools({ weth, usdc }: LocalChain['tokens']) {
    return {
      async setNativeBalance(account: Address, wei: bigint) {
        await control(client, 'anvil_setBalance', account, `0x${wei.toString(16)}`)
      },
      async mintUsdc(to: Address, amount: bigint) {
        await sender('network').send(contractCall(forgeArtifact('DevUsdc'), usdc, 'mint', [to, amount]))
      },
      async wrap(account: AccountName, wei: bigint) {
        await sender(account).send(contractCall(forgeArtifact('WETH9'), weth, 'deposit', [], { value: wei }))
      },
      balanceOf(token: Address, account: Address) {
        return client.readContract({ abi: erc20Abi, address: token, functionName: 'balanceOf', args: [account] })
      },
    }
  }
}
