/** What a person would decide about the local chains: `contracts/config/<chainId>.json` of a network that exists. Pure. */
import type { Accounts, LocalChain } from '@mati/devnet'
import { type ChainConfig, parseChainConfig, type Pathway } from '@mati/contracts/script/config'

/** All the Mati there is, in its smallest unit; minted once, on chain A. */
export const GENESIS = 100_000_000n * 10n ** 18n

/** The config of one local chain. `home` is where Mati is minted. */
export function configOf(chain: LocalChain, accounts: Accounts, options: { home: boolean }): ChainConfig {
  const chainlink = (feed: string, minAnswer: bigint, maxAnswer: bigint) => ({
    kind: 'chainlink',
    feed,
    // Rounds come every 30 s here; the chains begin hours ago with few.
    maxAgeSeconds: 3_600,
    minAnswer,
    maxAnswer,
    sequencerFeed: null,
    gracePeriodSeconds: 0,
  })
  // A public network would give each call of theirs days in the open.
  const grant = (account: string) => ({ account, delaySeconds: 0 })
  return parseChainConfig({
    name: chain.name,
    chainId: chain.chainId,
    eid: chain.eid,
    deployer: accounts.deployer.address,
    roles: {
      admin: grant(accounts.admin.address),
      guardians: [grant(accounts.guardian.address)],
      operators: [grant(accounts.admin.address)],
      configurators: [grant(accounts.admin.address)],
    },
    genesis: options.home ? { receiver: accounts.deployer.address, amount: GENESIS } : null,
    external: chain.external,
    tokens: [
      {
        symbol: 'WETH',
        name: 'Wrapped Ether',
        version: '',
        address: chain.tokens.weth,
        decimals: 18,
        erc3009: false,
        permit: false,
        source: chainlink(chain.feeds.ethUsd, 100n * 10n ** 8n, 100_000n * 10n ** 8n),
      },
      {
        symbol: 'USDC',
        name: 'USD Coin',
        version: '1',
        address: chain.tokens.usdc,
        decimals: 6,
        erc3009: true,
        permit: true,
        source: chainlink(chain.feeds.usdcUsd, 95n * 10n ** 6n, 105n * 10n ** 6n),
      },
    ],
    // Deployed and ready, and not asked: every payment would pay for it.
    intake: { isGuarded: false, windowSeconds: 86_400, limits: [] },
    upkeepBeneficiary: accounts.keeper.address,
    matiSource: {
      kind: 'uniswapV3Twap',
      pair: 'USDC',
      feePips: 3_000,
      windowSeconds: 1_800,
      minLiquidity: 10n ** 15n,
      maxChangeBpsPerHour: 1_000,
    },
    // From the pool's fee to 1.5% within a minute: the pools may stand a fee away from the market.
    tiers: [
      {
        id: 1,
        startBps: 30,
        maxBps: 150,
        growSeconds: 60,
        tipBps: 10,
        maxMessageBps: 100,
        maxHeadBps: 100,
        maxTipUsd6: 50_000_000,
        headUsd6: 10_000,
      },
    ],
  })
}

/** The way between two chains; a block of confirmation is plenty where one miner mines, and a limit never reached. */
export function pathwayOf(a: LocalChain, b: LocalChain): Pathway {
  const limit = { capacity: GENESIS, windowSeconds: 3_600 }
  // Arrivals refill faster than sends, so that what waited is worked off.
  const arrivals = { capacity: GENESIS, windowSeconds: 3_000 }
  const limits = { outbound: limit, inbound: arrivals, gatewayOutbound: limit, gatewayInbound: arrivals }
  return {
    ends: [
      { chainId: a.chainId, confirmations: 1, limits },
      { chainId: b.chainId, confirmations: 1, limits },
    ],
    maxMessageSize: 10_000,
    sendGas: 150_000,
  }
}

/** A pathway between every two of the chains. */
export function pathwaysOf(chains: readonly LocalChain[]): Pathway[] {
  return chains.flatMap((one, i) => chains.slice(i + 1).map((other) => pathwayOf(one, other)))
}
