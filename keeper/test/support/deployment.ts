import type { Deployment } from '@mati/sdk'
import { address } from './views.ts'

/** A deployment with an address of its own for each thing, and nothing behind any of them. */
export function deployment(changes: Partial<Deployment> = {}): Deployment {
  return {
    name: 'a',
    chainId: 1,
    eid: 40_001,
    startBlock: 0,
    genesis: '0',
    contracts: {
      access: address(0x101),
      oracle: address(0x102),
      registry: address(0x103),
      escrow: address(0x104),
      token: address(0x105),
      gateway: address(0x106),
      settler: address(0x107),
      solver: address(0x108),
      verifier: address(0x109),
      depositAddresses: address(0x10a),
      stockSolver: address(0x10b),
      settlementUpkeep: address(0x10c),
      captureAndSettle: address(0x10d),
      permitCollector: address(0x10e),
      permit2Collector: address(0x10f),
      nativeCollector: address(0x110),
      intakeLimits: address(0x111),
      denyList: address(0x112),
      payoutAccounts: address(0x113),
      rateLens: address(0x114),
    },
    external: {
      endpoint: address(0x201),
      sendLibrary: address(0x202),
      receiveLibrary: address(0x203),
      executor: address(0x204),
      dvns: [address(0x205), address(0x206)],
      wrappedNative: address(0x207),
      permit2: address(0x20c),
      multicall: address(0x20d),
      uniswap: {
        factory: address(0x208),
        positionManager: address(0x209),
        swapRouter: address(0x20a),
        quoter: address(0x20b),
      },
    },
    tokens: [
      {
        symbol: 'WETH',
        name: 'Wrapped Ether',
        version: '',
        address: address(0x207),
        decimals: 18,
        erc3009: false,
        permit: false,
        feed: address(0x301),
        source: address(0x302),
      },
    ],
    tiers: [
      {
        id: 0,
        startBps: 30,
        maxBps: 100,
        growSeconds: 60,
        tipBps: 10,
        maxMessageBps: 100,
        maxHeadBps: 100,
        maxTipUsd6: 50_000_000,
        headUsd6: 10_000,
      },
    ],
    ...changes,
  }
}
