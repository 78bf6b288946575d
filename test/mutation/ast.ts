/** Solidity's syntax trees, as solc writes them. Ranges count bytes, not characters. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { MutationError } from './error.ts'

/** A node of the tree: what it is, where it is (`start:length:file`), and fields by its type. */
export type AstNode = { nodeType: string; src: string; [field: string]: unknown }

type Compiler = { compile(input: string, callbacks: { import(file: string): object }): string }
type Output = {
  errors?: { severity: string; formattedMessage: string }[]
  sources?: Record<string, { ast: AstNode }>
}

/** Parses and resolves files of the tree at `root`, by their paths from there. */
export function parseSources(root: string, files: readonly string[]): Map<string, AstNode> {
  const solc = createRequire(import.meta.url)('solc') as Compiler
  const sources = Object.fromEntries(files.map((file) => [file, { content: readSource(root, file) }]))
  const input = {
    language: 'Solidity',
    sources,
    settings: { remappings: ['@=node_modules/@'], outputSelection: { '*': { '': ['ast'] } } },
  }
  const readImport = (file: string) => {
    const found = path.join(root, file)
    return existsSync(found) ? { contents: readFileSync(found, 'utf8') } : { error: `File not found: ${file}` }
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as Output
  const failure = output.errors?.find((error) => error.severity === 'error')
  if (failure) throw new MutationError(`The sources do not compile; mend them first.\n${failure.formattedMessage}`)
  return new Map(files.map((file) => [file, treeOf(output, file)]))
}

function readSource(root: string, file: string): string {
  const found = path.join(root, file)
  if (!existsSync(found)) throw new MutationError(`${file} does not exist: bring test/mutation/targets.ts up to date.`)
  return readFileSync(found, 'utf8')
}

function treeOf(output: Output, file: string): AstNode {
  const tree = output.sources?.[file]?.ast
  if (!tree) throw new MutationError(`solc gave no syntax tree of ${file}. Run \`npm ci\` to restore the compiler.`)
  return tree
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && typeof (value as AstNode).nodeType === 'string'
}

/** The node in a field; null where the field is empty. */
export function child(node: AstNode, field: string): AstNode | null {
  const value = node[field]
  return isNode(value) ? value : null
}

/** All nodes directly below, in the order of their fields. */
export function children(node: AstNode): AstNode[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]).filter(isNode))
}

/** First byte, and the byte after the last. */
export function range(node: AstNode): [start: number, end: number] {
  const [start = 0, length = 0] = node.src.split(':').map(Number)
  return [start, start + length]
}
