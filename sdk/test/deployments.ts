/** A deployment for tests, with an address per place that tells which. */
import { type Deployment, parseDeployment } from '@mati/sdk'
import { type Address, getAddress, pad, toHex } from 'viem'

export const addressOf = (n: number): Address => getAddress(pad(toHex(n), { size: 20 }))

export const deploymentJson = {
  name: 'A',
  chainId: 90901,
  eid: 40901,
  startBlock: 7,
  genesis: '1000',
  contracts: {
    access: addressOf(1),
    oracle: addressOf(2),
    registry: addressOf(3),
    escrow: addressOf(4),
    token: addressOf(5),
    gateway: addressOf(6),
    settler: addressOf(7),
    solver: addressOf(8),
    verifier: addressOf(9),
    depositAddresses: addressOf(10),
    stockSolver: addressOf(41),
    settlementUpkeep: addressOf(42),
    captureAndSettle: addressOf(43),
    permitCollector: addressOf(44),
    permit2Collector: addressOf(45),
    nativeCollector: addressOf(46),
    intakeLimits: addressOf(47),
    denyList: addressOf(48),
    payoutAccounts: addressOf(49),
    rateLens: addressOf(50),
  },
  external: {
    endpoint: addressOf(11),
    sendLibrary: addressOf(12),
    receiveLibrary: addressOf(13),
    executor: addressOf(14),
    dvns: [addressOf(15), addressOf(16)],
    wrappedNative: addressOf(17),
    permit2: addressOf(22),
    multicall: addressOf(23),
    uniswap: {
      factory: addressOf(18),
      positionManager: addressOf(19),
      swapRouter: addressOf(20),
      quoter: addressOf(21),
    },
  },
  tokens: [
    {
      symbol: 'WETH',
      name: 'Wrapped Ether',
      version: '',
      address: addressOf(17),
      decimals: 18,
      erc3009: false,
      permit: false,
      feed: addressOf(31),
      source: addressOf(32),
    },
    {
      symbol: 'USDC',
      name: 'USD Coin',
      version: '1',
      address: addressOf(33),
      decimals: 6,
      erc3009: true,
      permit: true,
      feed: addressOf(34),
      source: addressOf(35),
    },
  ],
  tiers: [
    {
      id: 1,
      startBps: 30,
      maxBps: 100,
      growSeconds: 60,
      tipBps: 10,
      maxMessageBps: 200,
      maxHeadBps: 100,
      maxTipUsd6: 50_000_000,
      headUsd6: 10_000,
    },
  ],
}

export const deployment: Deployment = parseDeployment(deploymentJson)
