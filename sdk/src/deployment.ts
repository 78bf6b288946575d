/** What is deployed on one chain: the output of `contracts/script/deploy.ts`, the input of everything else. */
import { type Address, getAddress, isAddress } from 'viem'
import { z } from 'zod'
import { InvalidInputError, MatiError } from './errors.ts'

const address = z
  .string()
  .refine((value) => isAddress(value, { strict: false }), { error: 'must be an address (0x and 40 hex digits)' })
  .transform((value): Address => getAddress(value))
const bps = z.number().int().min(0).max(10_000)
const uint32 = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1)

export const tokenSchema = z.strictObject({
  symbol: z.string().min(1),
  /** Name and version of the token's EIP-712 domain; `version` is empty where it has none. */
  name: z.string().min(1),
  version: z.string(),
  address,
  decimals: z.number().int().min(0).max(30),
  /** Whether it takes `receiveWithAuthorization`, so that its payers need no gas. */
  erc3009: z.boolean(),
  /** Whether it takes EIP-2612's `permit`, likewise. */
  permit: z.boolean(),
  /** Its Chainlink feed; null for a token priced by a TWAP. */
  feed: address.nullable(),
  /** The rate source that the oracle reads. */
  source: address,
})

export const tierSchema = z.strictObject({
  id: z.number().int().min(0).max(255),
  startBps: bps,
  maxBps: bps,
  growSeconds: uint32,
  tipBps: bps,
  maxMessageBps: bps,
  maxHeadBps: bps,
  /** In millionths of a USD, as `headUsd6`. */
  maxTipUsd6: z
    .number()
    .int()
    .min(0)
    .max(2 ** 48 - 1),
  headUsd6: z
    .number()
    .int()
    .min(0)
    .max(2 ** 48 - 1),
})

export const deploymentSchema = z.strictObject({
  name: z.string().min(1),
  chainId: z.number().int().positive(),
  /** The chain's LayerZero endpoint id. */
  eid: uint32,
  /** The first block that can hold an event of ours. */
  startBlock: z.number().int().min(0),
  /** The Mati minted here when the token was deployed, in its smallest unit: on the home chain; `"0"` elsewhere. */
  genesis: z.string().regex(/^\d+$/, 'must be a whole number in quotes'),
  contracts: z.strictObject({
    access: address,
    oracle: address,
    /** What a user interface asks of rates; nothing that moves money does. */
    rateLens: address,
    registry: address,
    /** At the same address on every chain. */
    payoutAccounts: address,
    verifier: address,
    escrow: address,
    token: address,
    gateway: address,
    settler: address,
    solver: address,
    stockSolver: address,
    settlementUpkeep: address,
    captureAndSettle: address,
    depositAddresses: address,
    permitCollector: address,
    permit2Collector: address,
    nativeCollector: address,
    intakeLimits: address,
    denyList: address,
  }),
  external: z.strictObject({
    endpoint: address,
    sendLibrary: address,
    receiveLibrary: address,
    executor: address,
    dvns: z.array(address).min(2),
    wrappedNative: address,
    permit2: address,
    /** Multicall3, by which many calls that anyone may make go in one transaction. */
    multicall: address,
    uniswap: z.strictObject({ factory: address, positionManager: address, swapRouter: address, quoter: address }),
  }),
  tokens: z.array(tokenSchema).min(1),
  tiers: z.array(tierSchema).min(1),
})

export type Deployment = z.infer<typeof deploymentSchema>
export type DeployedToken = z.infer<typeof tokenSchema>
export type DeployedTier = z.infer<typeof tierSchema>

/**
 * Reads a deployment file.
 * @param json The file's text, or what was parsed from it.
 * @throws InvalidInputError `DEPLOYMENT_INVALID`, naming each path that is wrong.
 */
export function parseDeployment(json: unknown): Deployment {
  let value = json
  try {
    if (typeof json === 'string') value = JSON.parse(json)
  } catch (error) {
    throw new InvalidInputError('DEPLOYMENT_INVALID', 'The deployment', [`it is no JSON (${(error as Error).message})`])
  }
  const parsed = deploymentSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw new InvalidInputError('DEPLOYMENT_INVALID', 'The deployment', issues)
}

/** The token of that symbol or address. @throws MatiError `TOKEN_UNKNOWN`, listing those that are known. */
export function tokenOf(deployment: Deployment, symbolOrAddress: string): DeployedToken {
  const wanted = symbolOrAddress.toLowerCase()
  const token = deployment.tokens.find((t) => t.symbol.toLowerCase() === wanted || t.address.toLowerCase() === wanted)
  if (token) return token
  throw new MatiError(`${symbolOrAddress} is no token of chain ${deployment.name}`, {
    code: 'TOKEN_UNKNOWN',
    action: `Use one of: ${deployment.tokens.map((t) => t.symbol).join(', ')}.`,
  })
}
