/** Scratch copies of the sources, each with compiler output of its own. The working tree is only read. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { apply, type Mutant } from './mutants.ts'

/** What the forge tests stand on; `node_modules` is linked, not copied. */
export const sourceParts = ['foundry.toml', 'contracts/src', 'devnet/contracts', 'test/contracts', 'test/vectors']

/** A fresh copy of the sources below `folder`. */
export function createTree(root: string, folder: string): string {
  mkdirSync(folder, { recursive: true })
  const tree = mkdtempSync(path.join(folder, 'tree-'))
  for (const part of sourceParts) cpSync(path.join(root, part), path.join(tree, part), { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'))
  return tree
}

/** A copy of a compiled tree with a mutant in it, so that only what the mutant touches is compiled again. */
export function createMutantTree(base: string, mutant: Mutant): string {
  const tree = mkdtempSync(path.join(path.dirname(base), 'tree-'))
  cpSync(base, tree, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  const file = path.join(tree, mutant.file)
  writeFileSync(file, apply(mutant, readFileSync(file)))
  return tree
}

export function removeTree(tree: string): void {
  // Retried, for a compiler that is being stopped may still write.
  rmSync(tree, { recursive: true, force: true, maxRetries: 5 })
}
