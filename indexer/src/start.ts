/** Runs the indexer as a child process, for whoever starts a whole network: `startIndexer`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MatiError } from '@mati/sdk'
import { type Config, readConfig } from './config/read.ts'

export interface StartIndexerParameters {
  /** Folder of deployment files, or a list of them separated by commas. */
  deploymentsDir: string
  /** Where a node of each deployed chain answers, by chain id. */
  rpc: Record<number, { http: string; ws: string }>
  /** Port on 127.0.0.1. */
  port: number
  /** Where the embedded database lives; what an earlier run left of it is deleted. */
  dataDir: string
  /** A PostgreSQL to use in place of the embedded database; each run gets a schema of its own in it. */
  databaseUrl?: string
  /** Where everything it prints is appended. */
  logFile: string
  /** Called once if it ends without `stop`. */
  onExit?: (ended: IndexerEnd) => void
  /** Gives up starting, and ends what was begun. */
  signal?: AbortSignal
}

export interface IndexerEnd {
  code: number | null
  signal: NodeJS.Signals | null
  /** The last lines it printed. */
  lastWords: string
}

export interface RunningIndexer {
  url: string
  pid: number
  /** Ends it and waits for that. May be called more than once. */
  stop: () => Promise<void>
}

const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 7_000
const POLL_MS = 50
const LOCAL_URLS = 20
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']
const LAST_LINES = 20
const TAIL_CHARACTERS = 20_000
const rootDir = fileURLToPath(new URL('..', import.meta.url))

/**
 * Starts the indexer and waits until it has begun to index; `GET /indexed` tells how far it is.
 * @throws Before anything starts if the configuration is wrong or the port is taken; after, if the indexer ends or stays
 * silent, with its last words.
 */
export async function startIndexer(parameters: StartIndexerParameters): Promise<RunningIndexer> {
  const { port, logFile, onExit, signal } = parameters
  const env = environment(parameters)
  const config = readConfig(env)
  await requireFreePort(port)
  clear(config)
  const child = spawnPonder(env, port)
  const ended = watchEnd(child, logFile)
  // No orphan, whatever ends this process in an orderly way.
  const kill = (): void => signalGroup(child, 'SIGKILL')
  process.on('exit', kill)

  let isStopping = false
  const stop = async (): Promise<void> => {
    isStopping = true
    signalGroup(child, 'SIGTERM')
    const patience = setTimeout(STOP_TIMEOUT_MS, undefined, { ref: false }).then(kill)
    await Promise.race([ended, patience])
    await ended
    process.off('exit', kill)
  }

  const url = `http://127.0.0.1:${port}`
  try {
    await Promise.race([
      waitUntilIndexing(url, logFile, () => isStopping || signal?.aborted === true),
      ended.then((end) => {
        throw startError('INDEXER_EXITED', `The indexer ended while it started: ${describeEnd(end)}`, logFile)
      }),
    ])
  } catch (error) {
    await stop()
    throw error
  }
  if (signal?.aborted) {
    await stop()
    throw signal.reason
  }
  void ended.then((end) => (isStopping ? undefined : onExit?.(end)))
  return { url, pid: child.pid ?? 0, stop }
}

function spawnPonder(env: NodeJS.ProcessEnv, port: number): ChildProcess {
  const ponder = fileURLToPath(new URL('bin/ponder.js', import.meta.resolve('ponder')))
  const flags = {
    root: rootDir,
    schema: `mati_${Date.now()}`,
    port: String(port),
    hostname: '127.0.0.1',
    'log-format': 'json',
    'log-level': 'warn',
  }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  return spawn(process.execPath, [ponder, 'start', ...args], {
    cwd: rootDir,
    // A process group of its own: Ctrl-C reaches our caller alone, who then stops it in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
}

function environment({ deploymentsDir, rpc, dataDir, databaseUrl }: StartIndexerParameters): NodeJS.ProcessEnv {
  return {
    ...withoutOverrides(process.env),
    MATI_DEPLOYMENTS: resolveEach(deploymentsDir),
    MATI_INDEXER_DATA: resolve(dataDir, 'pglite'),
    PONDER_TELEMETRY_DISABLED: 'true',
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    ...Object.fromEntries(
      Object.entries(rpc).flatMap(([chainId, { http, ws }]) => [
        [`MATI_RPC_${chainId}`, spread(http)],
        [`MATI_WS_${chainId}`, ws],
      ]),
    ),
  }
}

/** An empty directory: ponder's cache tells chains apart by id only, and local ones are born anew. */
function clear({ database }: Config): void {
  if (database.kind !== 'pglite') return
  rmSync(database.directory, { recursive: true, force: true })
  mkdirSync(dirname(database.directory), { recursive: true })
}

/** Without what ponder would prefer to its flags, or to what is given here. */
function withoutOverrides({ ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  for (const name of ['PORT', 'DATABASE_URL', 'DATABASE_PRIVATE_URL', 'DATABASE_SCHEMA']) delete env[name]
  return env
}

function resolveEach(paths: string): string {
  return paths
    .split(',')
    .map((path) => resolve(path.trim()))
    .join(',')
}

/**
 * A node on this machine, listed many times: ponder begins with 20 requests per second and URL, to spare public nodes,
 * and would take a minute for what this one answers in a second.
 */
function spread(rpcUrl: string): string {
  const url = new URL(rpcUrl)
  if (!LOOPBACK.includes(url.hostname)) return rpcUrl
  return Array.from({ length: LOCAL_URLS }, (_, i) => `${url.origin}${url.pathname}?n=${i}`).join(',')
}

/** Ponder takes the next port where one is busy, silently; so that is found out before. */
async function requireFreePort(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) =>
      fail(
        new MatiError(`Port ${port} is in use`, {
          code: 'PORT_IN_USE',
          action: 'Free it, or choose another one.',
          cause,
        }),
      ),
    )
    server.listen(port, '127.0.0.1', done)
  })
  await new Promise((done) => server.close(done))
}

/** Appends what the child prints to the log, and resolves when it has ended. */
async function watchEnd(child: ChildProcess, logFile: string): Promise<IndexerEnd> {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = createWriteStream(logFile, { flags: 'a' })
  let tail = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log.write(chunk)
      tail = (tail + chunk.toString()).slice(-TAIL_CHARACTERS)
    })
  }
  return new Promise((done) => {
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      log.end()
      done({ code, signal, lastWords: tail.trimEnd().split('\n').slice(-LAST_LINES).join('\n') })
    }
    child.once('close', end)
    child.once('error', (error) => {
      tail += error.message
      end(null, null)
    })
  })
}

/** Resolves once indexing has begun: the API then tells a block of every chain. */
async function waitUntilIndexing(url: string, logFile: string, isCancelled: () => boolean): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!isCancelled()) {
    const seen = await fetch(`${url}/indexed`)
      .then(async (response) => (response.ok ? ((await response.json()) as unknown[]).length : 0))
      .catch(() => 0)
    if (seen > 0) return
    if (Date.now() > deadline) {
      throw startError('INDEXER_SILENT', `The indexer does not answer at ${url} after ${START_TIMEOUT_MS} ms`, logFile)
    }
    await setTimeout(POLL_MS)
  }
}

/** Ends ponder and whatever it started; nothing to do where it has ended already. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // It ended just now.
  }
}

function describeEnd({ code, signal, lastWords }: IndexerEnd): string {
  return `${signal ? `signal ${signal}` : `exit code ${code}`}; its last words:\n${lastWords}`
}

function startError(code: string, message: string, logFile: string): MatiError {
  return new MatiError(message, { code, action: `Read ${logFile}.`, retryable: true })
}
