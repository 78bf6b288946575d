/** Starts the keeper as a process of its own, for whoever runs the whole of Mati (demo, tests, `npm start`). */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MatiError } from '@mati/sdk'

export type StartKeeperOptions = {
  /** The variables that `keeper/README.md` lists; they come on top of this process's PATH. PORT must not be 0. */
  env: Readonly<Record<string, string>>
  /** Where stdout and stderr go, appended. */
  logFile: string
  /** Called if the process ends without having been stopped. */
  onExit?: (exit: { code: number | null; lastWords: string }) => void
  /** How long to wait until it is well: it is only once the indexer answers. */
  timeoutMs?: number
  /** Gives up starting, and ends what was begun. */
  signal?: AbortSignal
}

export type StartedKeeper = {
  pid: number
  url: string
  /** SIGTERM, and waits for the end. Safe to call twice. @returns its exit code; null if it had to be killed */
  stop(): Promise<number | null>
}

/** How long a stop may take before it is forced. */
const STOP_TIMEOUT_MS = 15_000

/**
 * Starts the keeper and waits until /health says that it is well.
 * @throws MatiError `KEEPER_EXITED` or `KEEPER_UNWELL`, with its last words
 */
export async function startKeeper({
  env,
  logFile,
  onExit,
  timeoutMs = 60_000,
  signal,
}: StartKeeperOptions): Promise<StartedKeeper> {
  mkdirSync(dirname(logFile), { recursive: true })
  const output = openSync(logFile, 'a')
  const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  let isWanted = true
  let isReady = false
  child.once('exit', (code) => {
    if (isWanted && isReady) onExit?.({ code, lastWords: readLastWords(logFile) })
  })

  async function stop(): Promise<number | null> {
    isWanted = false
    if (hasEnded(child)) return child.exitCode
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(timer)
    return child.exitCode
  }

  const url = `http://${env['HOST'] ?? '127.0.0.1'}:${env['PORT'] ?? 42_070}`
  const deadline = performance.now() + timeoutMs
  while (!(isReady = await isWell(url))) {
    if (hasEnded(child)) {
      throw startError('KEEPER_EXITED', 'The keeper ended while starting', logFile)
    }
    if (signal?.aborted) {
      await stop()
      throw signal.reason
    }
    if (performance.now() > deadline) {
      await stop()
      throw startError('KEEPER_UNWELL', `The keeper was not well within ${timeoutMs} ms`, logFile)
    }
    await sleep(100)
  }
  if (child.pid === undefined) throw startError('KEEPER_EXITED', 'The keeper has no process', logFile)
  return { pid: child.pid, url, stop }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function isWell(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })
    return response.ok
  } catch {
    return false
  }
}

function readLastWords(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
}

function startError(code: string, message: string, logFile: string): MatiError {
  return new MatiError(`${message}:\n${readLastWords(logFile)}`, { code, action: `Read ${logFile}.` })
}
