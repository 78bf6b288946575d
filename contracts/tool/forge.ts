// Runs forge's native binary with this project's flags. npm's `forge` shim drops the exit code, so a failing
// test would pass; everything here goes through this runner instead: `node contracts/tool/forge.ts test`.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** Something of the tool chain is missing; the message says what to do. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
}

export const root = path.resolve(import.meta.dirname, '../..')

/** The native forge that npm installed for this machine. */
export function forgeBinary(): string {
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'win32' }[process.platform as string]
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]
  const name = `@foundry-rs/forge-${platform}-${arch}`
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    const binary = path.join(path.dirname(manifest), 'bin', process.platform === 'win32' ? 'forge.exe' : 'forge')
    if (existsSync(binary)) return binary
  } catch {
    // Reported below, in the same words as a package without its binary.
  }
  throw new ToolError(`forge is missing (${name}). Run \`npm ci\` at the root of the repository.`)
}

/** The environment that forge runs in: no downloads, and the compiler that npm installed unless another one is named. */
export function forgeEnvironment(): NodeJS.ProcessEnv {
  const given = process.env['FOUNDRY_SOLC']
  if (given && !existsSync(given)) {
    throw new ToolError(`No compiler at ${given}. Unset FOUNDRY_SOLC, or point it to solc 0.8.37.`)
  }
  if (!given && !isInstalled('solc')) {
    throw new ToolError('The compiler (npm package solc) is missing. Run `npm ci` at the root of the repository.')
  }
  const solc = given || path.join(root, 'contracts/tool/solc.cjs')
  return { ...process.env, FOUNDRY_OFFLINE: 'true', FOUNDRY_SOLC: solc }
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}

/** Runs forge at the root and returns its exit code. */
export function forge(args: readonly string[], options: { quiet?: boolean } = {}): number {
  const run = spawnSync(forgeBinary(), [...args], {
    cwd: root,
    stdio: options.quiet ? ['ignore', 'ignore', 'inherit'] : 'inherit',
    env: forgeEnvironment(),
  })
  if (run.error) throw run.error
  return run.status ?? 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exit(forge(process.argv.slice(2)))
