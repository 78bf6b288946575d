import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Abi, Hex } from 'viem'
import { DevnetError } from './errors.ts'

/** A compiled contract: what is needed to deploy and to call it. */
export interface Artifact {
  name: string
  abi: Abi
  bytecode: Hex
}

// The packages of others are pinned by @mati/contracts, so they are resolved as it would resolve them.
const fromContracts = createRequire(path.resolve(import.meta.dirname, '../../contracts/package.json'))
const forgeOutput = path.resolve(import.meta.dirname, '../../out')
const loaded = new Map<string, Artifact>()

/** An artifact that its authors compiled and published, e.g. `@uniswap/v3-core/artifacts/…/UniswapV3Pool.json`. */
export function npmArtifact(specifier: string): Artifact {
  return load(specifier, () => {
    const json = JSON.parse(readFileSync(fromContracts.resolve(specifier), 'utf8')) as { abi: Abi; bytecode: Hex }
    return { name: path.basename(specifier, '.json'), abi: json.abi, bytecode: json.bytecode }
  })
}

/** An artifact that forge built in this repository. */
export function forgeArtifact(name: string): Artifact {
  return load(name, () => {
    const file = path.join(forgeOutput, `${name}.sol`, `${name}.json`)
    if (!existsSync(file)) {
      throw new DevnetError(`${name} is not compiled (${file} is missing).`, {
        code: 'artifact-missing',
        action: 'Run `node contracts/tool/forge.ts build contracts/src devnet/contracts` at the root.',
      })
    }
    const json = JSON.parse(readFileSync(file, 'utf8')) as { abi: Abi; bytecode: { object: Hex } }
    return { name, abi: json.abi, bytecode: json.bytecode.object }
  })
}

function load(key: string, read: () => Artifact): Artifact {
  const known = loaded.get(key)
  if (known) return known
  const artifact = read()
  loaded.set(key, artifact)
  return artifact
}
