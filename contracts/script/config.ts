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

/** So much at once, in Mati's smallest unit, and again as it refills from empty to full in `windowSeconds`. */
const rateLimit = z
  .strictObject({
    capacity: whole.refine((value) => value < 2n ** 112n, { error: 'must fit 112 bits' }),
    windowSeconds: seconds,
  })
  .refine(({ capacity, windowSeconds }) => (capacity === 0n) === (windowSeconds === 0), {
    error: 'capacity and windowSeconds must both be 0 (closed), or neither',
  })

/**
 * The least gas that a plain send must pay for at its destination; gateways ask for their own. Measured by
 * `test/contracts/MatiTokenGas.t.sol`: a pathway's first message, to an account that had no Mati, uses less.
 */
export const MIN_SEND_GAS = 125_000

const pathwayEnd = z.strictObject({
  chainId: z.int().positive(),
  /** How many of its blocks the DVNs wait for, at both ends. */
  confirmations: z.int().min(1),
  /** Each operator's DVN on this chain, by the operator's name: of those that the pathway names. */
  dvns: z.record(z.string().min(1), address).optional(),
  /** What may leave it and arrive at it; what gateways send each other has limits of its own. */
  limits: z.strictObject({
    outbound: rateLimit,
    inbound: rateLimit,
    gatewayOutbound: rateLimit,
    gatewayInbound: rateLimit,
  }),
})

export const pathwaySchema = z
  .strictObject({
    /** Both ends by chain id. */
    ends: z.tuple([pathwayEnd, pathwayEnd]),
    /** Operators of whom each must verify a message, two at least. Nobody named: all of each chain's `external.dvns`. */
    requiredDvns: z.array(z.string()).optional(),
    /** Operators of whom `optionalThreshold` must verify it besides. */
    optionalDvns: z.array(z.string()).optional(),
    optionalThreshold: z.int().min(1).optional(),
    maxMessageSize: z.int().min(1),
    /** The gas that a plain send pays for at its destination; more can be asked for, not less. */
    sendGas: z.int().min(MIN_SEND_GAS),
  })
  .superRefine((pathway, context) => {
    for (const message of pathwayIssues(pathway)) context.addIssue({ code: 'custom', message })
  })

type PathwayEnd = z.output<typeof pathwayEnd>

/** What each field alone cannot tell: that two operators, and not one under two names, stand behind every message. */
function pathwayIssues(pathway: {
  ends: readonly [PathwayEnd, PathwayEnd]
  requiredDvns?: string[] | undefined
  optionalDvns?: string[] | undefined
  optionalThreshold?: number | undefined
}): string[] {
  const { ends, requiredDvns: required, optionalDvns: optional = [], optionalThreshold: threshold } = pathway
  const issues: string[] = []
  if (new Set(ends.map(({ chainId }) => chainId)).size < ends.length) issues.push('both ends are the same chain')
  if (required && required.length < 2) issues.push('requiredDvns: two operators at least must verify a message')
  if (!required && optional.length > 0) issues.push('requiredDvns is missing: name them where optional ones are named')
  if (optional.length > 0 !== (threshold !== undefined))
    issues.push('optionalThreshold: says how many of optionalDvns must verify; neither goes without the other')
  if (threshold !== undefined && threshold > optional.length)
    issues.push(`optionalThreshold: ${threshold} of ${optional.length} operators can never verify a message`)
  const operators = [...(required ?? []), ...optional]
  for (const name of repeated(operators)) issues.push(`"${name}" is named twice: an operator counts once`)
  for (const { chainId, dvns = {} } of ends) {
    const missing = operators.filter((name) => dvns[name] === undefined)
    if (missing.length > 0) issues.push(`ends: chain ${chainId} has no address in dvns for ${missing.join(', ')}`)
    for (const dvn of repeated(Object.values(dvns)))
      issues.push(`ends: chain ${chainId} has the DVN ${dvn} under two names`)
  }
  const [one, other] = ends
  for (const [from, to] of [ends, [other, one]] as const) {
    if (!fits(from.limits.outbound, to.limits.inbound)) issues.push(misfit(from, to, 'inbound'))
    if (!fits(from.limits.gatewayOutbound, to.limits.gatewayInbound)) issues.push(misfit(from, to, 'gatewayInbound'))
  }
  return issues
}

function repeated(values: readonly string[]): Set<string> {
  return new Set(values.filter((value, i) => values.indexOf(value) !== i))
}

type RateLimit = z.output<typeof rateLimit>

/**
 * Whether all that one end lets out can arrive at the other: in one piece, and faster than it is sent, so that what
 * had to wait is worked off however much follows it.
 */
function fits(out: RateLimit, into: RateLimit): boolean {
  if (out.capacity === 0n) return true
  const isFaster = into.capacity * BigInt(out.windowSeconds) > out.capacity * BigInt(into.windowSeconds)
  return into.capacity >= out.capacity && isFaster
}

const misfit = (from: { chainId: number }, to: { chainId: number }, name: string) =>
  `limits: ${name} of chain ${to.chainId} must hold what chain ${from.chainId} lets out, and refill faster`

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

/** Checks the declarations of pathways. @throws DeployError naming each path that is wrong. */
export function parsePathways(pathways: unknown, where = 'the pathways'): Pathway[] {
  const parsed = check(z.array(pathwaySchema), pathways, where)
  const ways = parsed.map(({ ends }) =>
    ends
      .map(({ chainId }) => chainId)
      .toSorted((a, b) => a - b)
      .join(' and '),
  )
  for (const way of repeated(ways)) throw new DeployError(`${where} is not valid: chains ${way} are joined twice`)
  return parsed
}

/** Reads `contracts/config/pathways.json`. @throws DeployError for a file that is missing or wrong. */
export function readPathways(file: string): Pathway[] {
  return parsePathways(readJson(file), file)
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
