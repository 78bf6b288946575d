/** All configuration of the indexer, read once from the environment and the deployment files it names. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Deployment, InvalidInputError, parseDeployment } from '@mati/sdk'
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

/** What to say of a variable that is not set, or not right. */
const must = (be: string) => (issue: { input?: unknown }) =>
  issue.input === undefined ? `is missing; it must be ${be}` : `must be ${be}`

const environment = z.object({
  MATI_DEPLOYMENTS: z.string({ error: must('a folder of deployment files (*.json), or files separated by commas') }),
  MATI_INDEXER_DATA: z.string().default('.ponder/pglite'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: must('a URL beginning with postgres:// or postgresql://') })
    .optional(),
})
const httpUrl = must('a URL beginning with http:// or https://, or several separated by commas')
const rpc = z
  .string({ error: httpUrl })
  .transform((list) => list.split(',').map((url) => url.trim()))
  .pipe(z.array(z.url({ protocol: /^https?$/, error: httpUrl })))
const ws = z.url({ protocol: /^wss?$/, error: must('a URL beginning with ws:// or wss://') })

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the configuration; `README.md` lists the variables.
 * @throws InvalidInputError `CONFIG_INVALID` with one issue per variable or file that is wrong, and what it should be.
 */
export function readConfig(env: Environment): Config {
  // An empty variable is one that was not set: that is how shells and compose files unset them.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = environment.safeParse(given)
  const issues = parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`)

  const setting = given['MATI_DEPLOYMENTS']
  const deployments = setting === undefined ? [] : readDeployments(setting, issues)
  const chains = deployments.map((deployment) => readChain(deployment, given, issues))
  if (!parsed.success || issues.length > 0) {
    throw new InvalidInputError('CONFIG_INVALID', "The indexer's environment", issues)
  }

  const { MATI_INDEXER_DATA, DATABASE_URL } = parsed.data
  const database: DatabaseSetting = DATABASE_URL
    ? { kind: 'postgres', connectionString: DATABASE_URL }
    : { kind: 'pglite', directory: MATI_INDEXER_DATA }
  return { chains: chains.filter((chain) => chain !== null), database }
}

function readDeployments(setting: string, issues: string[]): Deployment[] {
  const files = listFiles(setting)
  if (files.length === 0) {
    issues.push(`MATI_DEPLOYMENTS: ${setting} holds no deployment (*.json); deploy first, or name another folder`)
  }
  const deployments = files.flatMap((file) => {
    try {
      return [parseDeployment(readFileSync(file, 'utf8'))]
    } catch (error) {
      issues.push(`MATI_DEPLOYMENTS: ${file}: ${(error as Error).message}`)
      return []
    }
  })
  for (const key of ['name', 'chainId', 'eid'] as const) {
    const values = deployments.map((deployment) => deployment[key])
    if (new Set(values).size < values.length) {
      issues.push(`MATI_DEPLOYMENTS: two deployments have the same ${key} (${values.join(', ')})`)
    }
  }
  return deployments
}

/** The JSON files of a folder, or those of a list separated by commas. */
function listFiles(setting: string): string[] {
  const paths = setting.split(',').map((path) => path.trim())
  const [folder = ''] = paths
  if (paths.length > 1 || folder.endsWith('.json')) return paths
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    return names.toSorted().map((name) => join(folder, name))
  } catch {
    return []
  }
}

/** Null if an issue was found. */
function readChain(deployment: Deployment, env: Environment, issues: string[]): IndexedChain | null {
  const { chainId, name } = deployment
  const read = <T>(schema: z.ZodType<T>, variable: string): T | undefined => {
    const { data, error } = schema.safeParse(env[variable])
    if (error) issues.push(`${variable}: ${error.issues[0]?.message} (a node of chain ${name})`)
    return data
  }
  const [rpcUrls, wsUrl] = [read(rpc, `MATI_RPC_${chainId}`), read(ws, `MATI_WS_${chainId}`)]
  return rpcUrls && wsUrl ? { deployment, rpcUrls, wsUrl } : null
}
