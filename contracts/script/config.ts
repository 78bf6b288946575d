/** What a person decides about one chain before anything is deployed on it: `contracts/config/<chainId>.json`. */
import { readFileSync } from 'node:fs'
import { type Address, getAddress, isAddress } from 'viem'
import { z } from 'zod'
import { DeployError } from './error.ts'

const address = z
  .string()
  .refine((value) => isAddress(value), { error: 'must be an address: 0x and 40 hex digits' })
  .transform((value): Address => getAddress(value))
const bps = z.int().min(0).max(10_000)
const seconds = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)
/** A whole number too large for JSON's numbers: digits in quotes (or a bigint, from code). */
const whole = z.union([z.bigint().min(0n), z.string().regex(/^\d+$/, 'must be digits in quotes').transform(BigInt)])

const chainlinkSource = z.strictObject({
  kind: z.literal('chainlink'),
  feed: address,
  /** A little more than the feed's heartbeat. */
  maxAgeSeconds: seconds.min(1),
  /** In the feed's decimals, inside the aggregator's own clamp. */
  minAnswer: whole,
  maxAnswer: whole,
  /** Null on a chain without a sequencer. */
  sequencerFeed: address.nullable(),
  gracePeriodSeconds: seconds,
})

const twapSource = z.strictObject({
  kind: z.literal('uniswapV3Twap'),
  /** Symbol of the other token of the pool; it has a source of its own. */
  pair: z.string(),
  /** Which of the pools: its fee in millionths. */
  feePips: z.int().min(1).max(999_999),
  windowSeconds: seconds.min(1_800),
  /** Uniswap's L. */
  minLiquidity: whole,
  maxChangeBpsPerHour: bps.min(1),
})

const grant = z.strictObject({
  account: address,
  /** How long each of its calls waits in public before it can run. */
  delaySeconds: seconds,
})

export const chainConfigSchema = z.strictObject({
  name: z.string().min(1),
  chainId: z.int().positive(),
  /** The chain's LayerZero endpoint id. */
  eid: z
    .int()
    .min(1)
    .max(2 ** 32 - 1),
  /** Who deploys. Addresses depend on it, so it stays here after it has handed over. */
  deployer: address,
  roles: z.strictObject({
    /** Who is in charge in the end; the deployer's own rights end when it hands over. */
    admin: grant,
    guardians: z.array(grant),
    operators: z.array(grant),
    configurators: z.array(grant),
  }),
  /** All the Mati there will ever be, in its smallest unit: on the home chain only, null elsewhere. */
  genesis: z.strictObject({ receiver: address, amount: whole }).nullable(),
  external: z.strictObject({
    endpoint: address,
    sendLibrary: address,
    receiveLibrary: address,
    executor: address,
    /** All of them must verify a message: at least two, of different operators. */
    dvns: z
      .array(address)
      .min(2)
      .refine((dvns) => new Set(dvns).size === dvns.length, { error: 'names a DVN twice' }),
    wrappedNative: address,
    /** 0x000000000022D473030F116dDEE9F6B43aC78BA3 on most chains. */
    permit2: address,
    /** Multicall3: 0xcA11bde05977b3631167028862bE2a173976CA11 on most chains. */
    multicall: address,
    uniswap: z.strictObject({ factory: address, positionManager: address, swapRouter: address, quoter: address }),
  }),
  /** What can be paid with, beside Mati. `version` is that of the token's EIP-712 domain, empty for none. */
  tokens: z.array(
    z.strictObject({
      symbol: z.string().min(1),
      name: z.string().min(1),
      version: z.string(),
      address,
      decimals: z.int().min(0).max(30),
      erc3009: z.boolean(),
      /** Whether it takes EIP-2612's `permit`. */
      permit: z.boolean(),
      source: chainlinkSource,
    }),
  ),
  /** What may come in, and from whom. */
  intake: z.strictObject({
    /** Whether the escrow asks the limits, and these the deny list, of every payment; each costs its gas. */
    isGuarded: z.boolean(),
    /** How long the windows are in which intake is counted. */
    windowSeconds: seconds.min(2),
    /** The most that may come in within a window, in the token's smallest unit; no limit for tokens that are not named. */
    limits: z.array(z.strictObject({ token: z.string(), amount: whole })),
  }),
  /** Who gets the tips of what Chainlink Automation settles. */
  upkeepBeneficiary: address,
  /** Where Mati's price comes from. */
  matiSource: twapSource,
  tiers: z
    .array(
      z.strictObject({
        id: z.int().min(0).max(255),
        startBps: bps,
        maxBps: bps,
        growSeconds: seconds.min(1),
        tipBps: bps,
        maxMessageBps: bps,
        maxHeadBps: bps,
        /** In millionths of a USD, as `headUsd6`. */
        maxTipUsd6: z
          .int()
          .min(0)
          .max(2 ** 48 - 1),
        headUsd6: z
          .int()
          .min(0)
          .max(2 ** 48 - 1),
      }),
    )
    .min(1),
})

export const pathwaySchema = z.strictObject({
  /** Both ends by chain id, and how many of its blocks the DVNs wait for. */
  ends: z.tuple([
    z.strictObject({ chainId: z.int().positive(), confirmations: z.int().min(1) }),
    z.strictObject({ chainId: z.int().positive(), confirmations: z.int().min(1) }),
  ]),
  maxMessageSize: z.int().min(1),
  /** The least gas that a plain send pays for at its destination; gateways ask for their own. A first one needs 115,000. */
  sendGas: z.int().min(1),
})

export type ChainConfig = z.infer<typeof chainConfigSchema>
export type ChainConfigInput = z.input<typeof chainConfigSchema>
export type Pathway = z.infer<typeof pathwaySchema>

/** Checks the configuration of a chain. @throws DeployError naming each path that is wrong. */
export function parseChainConfig(config: unknown, where = 'the config'): ChainConfig {
  return check(chainConfigSchema, config, where)
}

/** Reads `contracts/config/<chainId>.json`. @throws DeployError for a file that is missing or wrong. */
export function readChainConfig(file: string): ChainConfig {
  return parseChainConfig(readJson(file), file)
}

/** Reads `contracts/config/pathways.json`. @throws DeployError for a file that is missing or wrong. */
export function readPathways(file: string): Pathway[] {
  return check(z.array(pathwaySchema), readJson(file), file)
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new DeployError(`${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

function check<kind extends z.ZodType>(kind: kind, value: unknown, where: string): z.output<kind> {
  const parsed = kind.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw new DeployError(`${where} is not valid: ${issues.join('; ')}`)
}
