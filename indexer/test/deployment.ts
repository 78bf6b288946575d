import { address } from './world.ts'

/** A deployment file whose addresses follow `base`. */
export function deployment(name: string, chainId: number, eid: number, base: number) {
  const at = (n: number) => address(base + n)
  return {
    name,
    chainId,
    eid,
    startBlock: 0,
    genesis: '0',
    contracts: {
      access: at(1),
      oracle: at(2),
      registry: at(3),
      escrow: at(4),
      token: at(5),
      gateway: at(6),
      settler: at(7),
      solver: at(8),
      verifier: at(22),
      depositAddresses: at(23),
      stockSolver: at(24),
      settlementUpkeep: at(25),
      captureAndSettle: at(26),
      permitCollector: at(27),
      permit2Collector: at(28),
      nativeCollector: at(29),
      intakeLimits: at(30),
      denyList: at(31),
      payoutAccounts: at(33),
      rateLens: at(34),
    },
    external: {
      endpoint: at(9),
      sendLibrary: at(10),
      receiveLibrary: at(11),
      executor: at(12),
      dvns: [at(13), at(14)],
      wrappedNative: at(15),
      permit2: at(32),
      multicall: at(33),
      uniswap: { factory: at(16), positionManager: at(17), swapRouter: at(18), quoter: at(19) },
    },
    tokens: [
      {
        symbol: 'X',
        name: 'X',
        version: '',
        address: at(20),
        decimals: 18,
        erc3009: false,
        permit: false,
        feed: null,
        source: at(21),
      },
    ],
    tiers: [
      {
        id: 1,
        startBps: 0,
        maxBps: 100,
        growSeconds: 60,
        tipBps: 10,
        maxMessageBps: 100,
        maxHeadBps: 100,
        maxTipUsd6: 50_000_000,
        headUsd6: 10_000,
      },
    ],
  }
}
