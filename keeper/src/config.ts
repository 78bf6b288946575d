/** The keeper's whole configuration: one schema over the environment, read once, all that is wrong told at once. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Deployment, InvalidInputError, MatiError, parseDeployment } from '@mati/sdk'
import { parseEther, parseGwei, parseUnits, type Hex } from 'viem'
import { z } from 'zod'
import type { DatabaseLocation } from './database.ts'
import { jobNames, type JobName } from './jobs/job.ts'

export type ChainConfig = { deployment: Deployment; rpcUrl: string; wsUrl: string | undefined }

export type Config = {
  chains: ChainConfig[]
  indexerUrl: string
  privateKey: Hex
  database: DatabaseLocation
  host: string
  port: number
  jobs: JobName[]
  pollMs: number
  /** Below this a signer counts as unwell; wei. */
  minBalance: bigint
  /** Balances of a group worth less wait; USD with 18 decimals. */
  minSettleUsdWad: bigint
  deliverGraceSeconds: number
  /** How long after its sending a message is late. */
  lateSeconds: number
  /** Pause between two looks for reasons of alarm. */
  alarmSeconds: number
  /** Wei per gas. */
  maxFeePerGas: bigint
  rebroadcastSeconds: number
  replaceSeconds: number
  logLevel: string
}

const url = (...schemes: string[]) =>
  z.string({ error: 'is missing' }).refine((value) => schemes.some((scheme) => value.startsWith(`${scheme}://`)), {
    error: `must be a URL beginning with ${schemes.join(':// or ')}://`,
  })

const seconds = z.coerce.number({ error: 'must be a number of seconds' }).positive('must be more than 0 seconds')

/** A decimal number as people write it, in the given unit. */
const decimal = (parse: (value: string) => bigint) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number that is not negative, such as 0.05')
    .transform((value) => parse(value))

const environment = z.object({
  MATI_DEPLOYMENTS: z.string().min(1, 'must be a folder').default('.mati/deployments'),
  MATI_INDEXER_URL: url('http', 'https').default('http://127.0.0.1:42069'),
  KEEPER_PRIVATE_KEY: z
    .string({ error: 'is missing: set the private key of a funded account' })
    .regex(/^0x[0-9a-f]{64}$/i, 'must be a private key: 0x and 64 hex digits')
    .transform((value) => value as Hex),
  KEEPER_DATA_DIR: z.string().min(1, 'must be a folder').default('.mati/keeper'),
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  HOST: z.string().min(1, 'must be an address to listen on').default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535, 'must be a port: 0 to 65535').default(42_070),
  KEEPER_JOBS: z
    .string()
    .default(jobNames.join(','))
    .transform((value) => value.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(jobNames, { error: `must be a list of: ${jobNames.join(', ')}` })).min(1)),
  KEEPER_POLL_MS: z.coerce.number().int().min(50, 'must be at least 50').default(500),
  KEEPER_MIN_BALANCE: decimal(parseEther).default(parseEther('0.05')),
  KEEPER_MIN_SETTLE_USD: decimal((value) => parseUnits(value, 18)).default(0n),
  KEEPER_DELIVER_GRACE_SECONDS: z.coerce.number().int().min(0, 'must not be negative').default(20),
  KEEPER_LATE_SECONDS: seconds.default(1_800),
  KEEPER_ALARM_SECONDS: seconds.default(10),
  KEEPER_MAX_FEE_GWEI: decimal(parseGwei).default(parseGwei('500')),
  KEEPER_REBROADCAST_SECONDS: seconds.default(5),
  KEEPER_REPLACE_SECONDS: seconds.default(15),
  KEEPER_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

/**
 * Reads the configuration.
 * @throws InvalidInputError `CONFIG_INVALID` with one line per variable that is wrong and what it should be
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable is one that was not set: that is how shells and compose files unset them.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = environment.safeParse(given)
  const issues = parsed.success ? [] : parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`)

  const folder = environment.shape.MATI_DEPLOYMENTS.safeParse(given['MATI_DEPLOYMENTS']).data ?? '.mati/deployments'
  const chains = readDeployments(folder, issues).map((deployment) => readChain(deployment, given, issues))
  if (!parsed.success || issues.length > 0)
    throw new InvalidInputError('CONFIG_INVALID', "The keeper's environment", issues)

  const values = parsed.data
  return {
    chains: chains.filter((chain) => chain !== undefined),
    indexerUrl: values.MATI_INDEXER_URL,
    privateKey: values.KEEPER_PRIVATE_KEY,
    database: values.DATABASE_URL
      ? { kind: 'postgres', url: values.DATABASE_URL }
      : { kind: 'embedded', dataDir: values.KEEPER_DATA_DIR },
    host: values.HOST,
    port: values.PORT,
    jobs: values.KEEPER_JOBS,
    pollMs: values.KEEPER_POLL_MS,
    minBalance: values.KEEPER_MIN_BALANCE,
    minSettleUsdWad: values.KEEPER_MIN_SETTLE_USD,
    deliverGraceSeconds: values.KEEPER_DELIVER_GRACE_SECONDS,
    lateSeconds: values.KEEPER_LATE_SECONDS,
    alarmSeconds: values.KEEPER_ALARM_SECONDS,
    maxFeePerGas: values.KEEPER_MAX_FEE_GWEI,
    rebroadcastSeconds: values.KEEPER_REBROADCAST_SECONDS,
    replaceSeconds: values.KEEPER_REPLACE_SECONDS,
    logLevel: values.KEEPER_LOG_LEVEL,
  }
}

/** Every `<chainId>.json` of the folder. */
function readDeployments(folder: string, issues: string[]): Deployment[] {
  const files = listFolder(folder).filter((file) => file.endsWith('.json'))
  if (files.length === 0)
    issues.push(`MATI_DEPLOYMENTS: no <chainId>.json in ${folder}: deploy first, or name the folder`)
  return files.flatMap((file) => {
    try {
      return [parseDeployment(readFileSync(join(folder, file), 'utf8'))]
    } catch (error) {
      issues.push(
        `MATI_DEPLOYMENTS: ${join(folder, file)}: ${error instanceof MatiError ? error.message : String(error)}`,
      )
      return []
    }
  })
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    return []
  }
}

function readChain(
  deployment: Deployment,
  env: Readonly<Record<string, string | undefined>>,
  issues: string[],
): ChainConfig | undefined {
  const [rpcName, wsName] = [`MATI_RPC_${deployment.chainId}`, `MATI_WS_${deployment.chainId}`]
  const rpc = url('http', 'https').safeParse(env[rpcName])
  const ws = url('ws', 'wss').optional().safeParse(env[wsName])
  for (const [name, result] of [
    [rpcName, rpc],
    [wsName, ws],
  ] as const) {
    if (!result.success)
      issues.push(`${name}: ${result.error.issues[0]?.message} (the RPC of chain ${deployment.name})`)
  }
  return rpc.success && ws.success ? { deployment, rpcUrl: rpc.data, wsUrl: ws.data } : undefined
}
