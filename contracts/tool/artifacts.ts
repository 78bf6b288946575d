// Where compiled contracts are read from: what forge built in `out/`, and what npm packages ship compiled.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Abi, Hex } from 'viem'
import { root } from './forge.ts'

/** A compiled contract. `bytecode` is `0x` for an interface. */
export type Artifact = { abi: Abi; bytecode: Hex }

/** What forge built of `<name>` in the Solidity file `source` (from the root), which must still exist. */
export function builtArtifact(source: string): Artifact {
  const name = path.basename(source, '.sol')
  const file = path.join(root, 'out', `${name}.sol`, `${name}.json`)
  if (source.startsWith('contracts/') && !existsSync(path.join(root, source))) {
    throw new Error(`${source} does not exist (${file}, if there, is stale).`)
  }
  if (!existsSync(file)) throw new Error(`${name} is not compiled. Run \`node contracts/tool/forge.ts build\`.`)
  const artifact = JSON.parse(readFileSync(file, 'utf8')) as { abi: Abi; bytecode: { object: Hex } }
  return { abi: artifact.abi, bytecode: artifact.bytecode.object }
}

/** A contract that an npm package ships compiled, by the path of its artifact: `@uniswap/v3-core/artifacts/…json`. */
export function packagedArtifact(file: string): Artifact {
  const artifact = createRequire(import.meta.url)(file) as { abi: Abi; bytecode: Hex }
  if (!Array.isArray(artifact.abi)) throw new Error(`${file} holds no ABI.`)
  return { abi: artifact.abi, bytecode: artifact.bytecode }
}
