import { type Address, encodeAbiParameters, type Hex, zeroAddress } from 'viem'
import { ascending, type Group, type SettleParameters } from './settle.ts'

export type UpkeepDataParameters = {
  /** Of the upkeep's own chain. */
  group: Group
  merchants: readonly Address[]
  /** The least that must be there, in units of the group's token, for the call to be worth its gas. */
  minAmountIn: bigint
  /** The most to settle at once; all by default. */
  maxAmountIn?: bigint
  solver?: NonNullable<SettleParameters['solver']>
}

/**
 * What Chainlink Automation is registered with as check data of `deployment.contracts.settlementUpkeep`: which group it
 * settles, along which path. The same is its perform data. Pure.
 * @example const checkData = upkeepData({ group, merchants, minAmountIn: 10n ** 18n, solver })
 */
export function upkeepData(parameters: UpkeepDataParameters): Hex {
  const { group, merchants, minAmountIn, maxAmountIn = 2n ** 256n - 1n, solver } = parameters
  const job = { group, merchants: ascending(merchants), minAmountIn, maxAmountIn }
  return encodeAbiParameters(upkeepJob, [
    { ...job, solver: solver?.address ?? zeroAddress, data: solver?.data ?? '0x' },
  ])
}

/** `SettlementUpkeep.Job`, which no ABI tells: the contract takes bytes. */
const upkeepJob = [
  {
    type: 'tuple',
    components: [
      {
        name: 'group',
        type: 'tuple',
        components: [
          { name: 'token', type: 'address' },
          { name: 'asset', type: 'address' },
          { name: 'eid', type: 'uint32' },
          { name: 'tier', type: 'uint8' },
        ],
      },
      { name: 'merchants', type: 'address[]' },
      { name: 'minAmountIn', type: 'uint256' },
      { name: 'maxAmountIn', type: 'uint256' },
      { name: 'solver', type: 'address' },
      { name: 'data', type: 'bytes' },
    ],
  },
] as const
