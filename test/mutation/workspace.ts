/** Scratch copies of the sources, each with compiler output of its own. The working tree is only read. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { apply, type Mutant } from './mutants.ts'

/** What the forge tests stand on; `node_modules` is linked, not copied. */
export const sourceParts = [
  'foundry.toml',
  'contracts/src',
  'devnet/contracts',
  'devnet/artifacts',
  'test/contracts',
  'test/vectors',
]
const outputs = ['out', 'cache']

/** A fresh copy of the sources below `folder`. */
export function createTree(root: string, folder: string): string {
  mkdirSync(folder, { recursive: true })
  const tree = mkdtempSync(path.join(folder, 'tree-'))
  for (const part of sourceParts) cpSync(path.join(root, part), path.join(tree, part), { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'))
  return tree
}

/** Keeps a tree's compiler output aside, for `restoreOutputs`. */
export function keepOutputs(tree: string): void {
  copyOutputs(tree, `${tree}-kept`)
}

/**
 * Puts back the compiler output that was kept, so that only what a mutant touches is compiled again. It is of use at
 * its own path only: in a tree elsewhere forge takes tests for fresh that were compiled with another contract.
 */
export function restoreOutputs(tree: string): void {
  copyOutputs(`${tree}-kept`, tree)
}

export function removeOutputs(tree: string): void {
  for (const output of outputs) removeFolder(path.join(tree, output))
}

function copyOutputs(from: string, to: string): void {
  removeOutputs(to)
  for (const output of outputs) {
    cpSync(path.join(from, output), path.join(to, output), { recursive: true, preserveTimestamps: true })
  }
}

/** Puts a mutant into a tree; what it returns takes it out. */
export function plant(tree: string, mutant: Mutant): () => void {
  const file = path.join(tree, mutant.file)
  const original = readFileSync(file)
  writeFileSync(file, apply(mutant, original))
  return () => writeFileSync(file, original)
}

export function removeFolder(folder: string): void {
  // Retried, for a compiler that is being stopped may still write.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
