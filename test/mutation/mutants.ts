/** Every mutant of a file, and the draw among them. Pure. */
import { createHash } from 'node:crypto'
import { type AstNode, children } from './ast.ts'
import { type Edit, edits, type Operator } from './operators.ts'

export type Mutant = {
  /** Of what is changed, not of where: it outlives edits elsewhere in the file. */
  id: string
  file: string
  line: number
  operator: Operator
  original: string
  mutated: string
  /** The bytes that are replaced. */
  start: number
  end: number
}

/** What holds no code that runs, or (assembly) is no Solidity. */
const skipped = ['PragmaDirective', 'ImportDirective', 'ArrayTypeName', 'InlineAssembly', 'StructDefinition']

/** All mutants of one file, in the order of its text; none twice. */
export function mutantsOf(file: string, tree: AstNode, bytes: Buffer): Mutant[] {
  const seen = new Map<string, number>()
  const unique = new Map(
    collect(tree, [], bytes).map((found) => [`${found.start} ${found.end} ${found.mutated}`, found]),
  )
  return [...unique.values()]
    .sort((a, b) => a.start - b.start || a.end - b.end || (a.mutated < b.mutated ? -1 : 1))
    .map(({ function: name, ...edit }) => {
      const original = bytes.toString('utf8', edit.start, edit.end)
      const key = JSON.stringify([file, name, edit.operator, original, edit.mutated])
      const nth = seen.get(key) ?? 0
      seen.set(key, nth + 1)
      const id = createHash('sha256').update(`${key}${nth}`).digest('hex').slice(0, 12)
      return { id, file, line: lineOf(bytes, edit.start), original, ...edit }
    })
}

function collect(node: AstNode, above: readonly AstNode[], bytes: Buffer): (Edit & { function: string })[] {
  if (skipped.includes(node.nodeType)) return []
  if (node.nodeType === 'ContractDefinition' && node['contractKind'] === 'interface') return []
  const owner = above.find((outer) => outer.nodeType === 'FunctionDefinition')
  const name = owner ? String(owner['name'] || owner['kind']) : ''
  const own = edits({ node, above, bytes }).map((edit) => ({ ...edit, function: name }))
  return [...own, ...children(node).flatMap((below) => collect(below, [node, ...above], bytes))]
}

function lineOf(bytes: Buffer, offset: number): number {
  return bytes.subarray(0, offset).reduce((line, byte) => (byte === 10 ? line + 1 : line), 1)
}

/** The file with the mutant in it. */
export function apply(mutant: Mutant, bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, mutant.start), Buffer.from(mutant.mutated), bytes.subarray(mutant.end)])
}

/** All mutants in an order that the seed alone decides: a draw of n is its first n that compile. */
export function shuffle(mutants: readonly Mutant[], seed: number): Mutant[] {
  const order = [...mutants]
  const next = generator(seed)
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1))
    const [a, b] = [order[i], order[j]]
    if (a && b) [order[i], order[j]] = [b, a]
  }
  return order
}

/** Mulberry32: numbers in [0, 1), the same for the same seed everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
