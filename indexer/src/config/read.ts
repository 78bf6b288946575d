/** All configuration of the indexer, read once from the environment and the deployment files it names. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Deployment, parseDeployment } from '@mati/sdk'
import { z } from 'zod'

/** One chain to index: what is deployed there, and how to reach a node of it. */
export interface IndexedChain {
  deployment: Deployment
  /** Ponder spreads its requests over them, each within a limit of its own. */
  rpcUrls: string[]
  wsUrl: string
}

export type DatabaseSetting = { kind: 'postgres'; connectionString: string } | { kind: 'pglite'; directory: string }

export interface Config {
  chains: IndexedChain[]
  database: DatabaseSetting
}

const envSchema = z.object({
  MATI_DEPLOYMENTS: z.string().min(1),
  MATI_INDEXER_DATA: z.string().min(1).default('.ponder/pglite'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
})
const rpcSchema = z
  .string()
  .transform((list) => list.split(',').map((url) => url.trim()))
  .pipe(z.array(z.url({ protocol: /^https?$/ })))
const wsSchema = z.url({ protocol: /^wss?$/ })

/**
 * Reads the configuration; `README.md` lists the variables.
 * @throws With one line per variable or file that is wrong.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const { MATI_DEPLOYMENTS, MATI_INDEXER_DATA, DATABASE_URL } = parse(envSchema, env, 'environment')
  const deployments = listFiles(MATI_DEPLOYMENTS).map(readDeployment)
  requireDistinct(deployments)
  const chains = deployments.map((deployment) => ({
    deployment,
    rpcUrls: parse(rpcSchema, env[`MATI_RPC_${deployment.chainId}`], `MATI_RPC_${deployment.chainId}`),
    wsUrl: parse(wsSchema, env[`MATI_WS_${deployment.chainId}`], `MATI_WS_${deployment.chainId}`),
  }))
  const database: DatabaseSetting = DATABASE_URL
    ? { kind: 'postgres', connectionString: DATABASE_URL }
    : { kind: 'pglite', directory: MATI_INDEXER_DATA }
  return { chains, database }
}

/** The JSON files of a folder, or those of a list separated by commas. */
function listFiles(setting: string): string[] {
  const paths = setting.split(',').map((path) => path.trim())
  const [folder] = paths
  if (paths.length > 1 || !folder || folder.endsWith('.json')) return paths
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  if (names.length === 0) throw new Error(`MATI_DEPLOYMENTS: ${folder} holds no deployment (*.json)`)
  return names.toSorted().map((name) => join(folder, name))
}

function readDeployment(path: string): Deployment {
  try {
    return parseDeployment(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new Error(`MATI_DEPLOYMENTS: ${path}: ${(cause as Error).message}`, { cause })
  }
}

function requireDistinct(deployments: Deployment[]): void {
  for (const key of ['name', 'chainId', 'eid'] as const) {
    const values = deployments.map((deployment) => deployment[key])
    if (new Set(values).size < values.length) {
      throw new Error(`MATI_DEPLOYMENTS: two deployments have the same ${key} (${values.join(', ')})`)
    }
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Error(parsed.error.issues.map(({ path, message }) => `${[name, ...path].join(' ')}: ${message}`).join('\n'))
}
