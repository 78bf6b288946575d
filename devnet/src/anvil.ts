import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevnetError } from './errors.ts'

const host = '127.0.0.1'
const startTimeoutMs = 15_000
const stopTimeoutMs = 5_000
const lastWordsLines = 20

export interface AnvilOptions {
  /** For messages, e.g. `chain A`. */
  name: string
  chainId: number
  port: number
  mnemonic: string
  accounts: number
  /** Whole native coins of each account. */
  balance: number
  /** Seconds since 1970 of the genesis block; a chain that starts in the past keeps its distance until told. */
  timestamp: number
  gasLimit: bigint
  /** Wei, of the first block. */
  baseFee: bigint
  /** Receives what anvil prints. */
  onOutput?: (text: string) => void
}

export interface Anvil {
  pid: number
  rpcUrl: string
  wsUrl: string
  /** Rejects with the process's last words if it ends without having been stopped; never resolves. */
  died: Promise<never>
  /** Ends the process and waits for its end. */
  stop(): Promise<void>
}

/** The native anvil that npm installed for this machine; npm's shim would be one more process to end. */
export function anvilBinary(): string {
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'win32' }[process.platform as string]
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]
  const name = `@foundry-rs/anvil-${platform}-${arch}`
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    const binary = path.join(path.dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil')
    if (existsSync(binary)) return binary
  } catch {
    // Reported below, in the same words as a package without its binary.
  }
  throw new DevnetError(`anvil is missing (${name}).`, {
    code: 'binary-missing',
    action: 'Run `npm ci` at the root of the repository.',
  })
}

/**
 * Starts one local chain, which mines nothing until it is told to, and waits until it answers.
 * @throws DevnetError `binary-missing`, `process-died`, `start-timeout`
 */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  // In a process group of its own, so that a Ctrl-C in the terminal leaves it to its parent to end things in order.
  const child = spawn(anvilBinary(), anvilArguments(options), { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const lastWords: string[] = []
  let stopping = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      options.onOutput?.(text)
      lastWords.push(...text.split('\n').filter((line) => line.trim() !== ''))
      lastWords.splice(0, lastWords.length - lastWordsLines)
    })
  }

  // A parent that ends by an exception must not leave its chains behind.
  const endWithParent = () => child.kill('SIGKILL')
  process.once('exit', endWithParent)

  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`))
  }).finally(() => process.off('exit', endWithParent))
  const { promise: died, reject } = Promise.withResolvers<never>()
  const reportEnd = async () => {
    const how = await ended
    if (!stopping) reject(endedByItself(options.name, how, lastWords))
  }
  void reportEnd()
  died.catch(() => undefined) // Whoever races on it hears of it; with nobody listening it is no crash of Node.

  const stop = async () => {
    stopping = true
    child.kill('SIGTERM')
    const inTime = await Promise.race([ended.then(() => true), sleep(stopTimeoutMs, false, { ref: false })])
    if (inTime) return
    child.kill('SIGKILL')
    await ended
  }

  const rpcUrl = `http://${host}:${options.port}`
  try {
    await Promise.race([answers(rpcUrl, options), died])
  } catch (error) {
    await stop()
    throw error
  }
  return { pid: child.pid ?? 0, rpcUrl, wsUrl: `ws://${host}:${options.port}`, died, stop }
}

function endedByItself(name: string, how: string, lastWords: readonly string[]): DevnetError {
  return new DevnetError(`anvil of ${name} ended (${how}). Its last words: ${lastWords.join(' | ') || 'none'}.`, {
    code: 'process-died',
    action: 'Start again; if it repeats, look at the log of this chain.',
    retryable: true,
  })
}

function anvilArguments(options: AnvilOptions): string[] {
  const settings = {
    host,
    port: options.port,
    'chain-id': options.chainId,
    mnemonic: options.mnemonic,
    accounts: options.accounts,
    balance: options.balance,
    timestamp: options.timestamp,
    'gas-limit': options.gasLimit,
    'block-base-fee-per-gas': options.baseFee,
  }
  return [
    '--silent',
    '--no-mining',
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ]
}

/** Resolves once the endpoint answers with the expected chain id. */
async function answers(rpcUrl: string, { name, chainId }: AnvilOptions): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] })
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    try {
      const response = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      const { result } = (await response.json()) as { result?: string }
      if (Number(result) === chainId) return
    } catch {
      // Not listening yet.
    }
    await sleep(20)
  }
  throw new DevnetError(`anvil of ${name} did not answer at ${rpcUrl} within ${startTimeoutMs / 1000} s.`, {
    code: 'start-timeout',
    action: 'The machine may be overloaded: start again.',
    retryable: true,
  })
}
