/** The operators of mutation: what can be changed about one node of a syntax tree. Pure. */
import { type AstNode, child, children, isNode, range } from './ast.ts'

/** A node with the nodes it stands in, innermost first, and the bytes of its file. */
export type Place = { node: AstNode; above: readonly AstNode[]; bytes: Buffer }

/** Replaces the bytes from `start` to `end`. */
export type Edit = { operator: Operator; start: number; end: number; mutated: string }

export type Operator =
  | 'delete-require'
  | 'flip-comparison'
  | 'shift-boundary'
  | 'swap-operands'
  | 'replace-arithmetic'
  | 'off-by-one'
  | 'replace-logic'
  | 'negate-condition'
  | 'skip-write'
  | 'skip-call'
  | 'swap-min-max'
  | 'drop-ceil'

const flipped: Record<string, string> = { '<': '>=', '>=': '<', '<=': '>', '>': '<=', '==': '!=', '!=': '==' }
const shifted: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' }
const arithmetic: Record<string, string> = { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*' }
const logic: Record<string, string> = { '&&': '||', '||': '&&' }
const ordered = ['-', '/', '%', '**']
/** Calls that change nothing by themselves. */
const checks = ['require', 'assert', 'revert']

/** Everything the operators make of one node. */
export function edits(place: Place): Edit[] {
  switch (place.node.nodeType) {
    case 'ExpressionStatement':
      return statement(place)
    case 'BinaryOperation':
      return binary(place)
    case 'Assignment':
      return assignment(place)
    case 'UnaryOperation':
      return step(place)
    case 'Literal':
      return literal(place)
    case 'MemberAccess':
      return member(place)
    case 'IfStatement':
    case 'Conditional':
    case 'ForStatement':
    case 'WhileStatement':
      return negation(place, child(place.node, 'condition'))
    case 'FunctionCall':
      return calleeName(place.node) === 'require' ? negation(place, firstArgument(place.node)) : []
    default:
      return []
  }
}

/** The source of a node. */
export function textOf(node: AstNode, bytes: Buffer): string {
  const [start, end] = range(node)
  return bytes.toString('utf8', start, end)
}

function replace(operator: Operator, node: AstNode, mutated: string): Edit {
  const [start, end] = range(node)
  return { operator, start, end, mutated }
}

/** Statements that disappear: checks, calls for their effect, writes to what outlives the statement. */
function statement({ node, above, bytes }: Place): Edit[] {
  // The step of a `for` has no semicolon of its own, and without it the loop has no end.
  if (above[0]?.nodeType === 'ForStatement' && child(above[0], 'loopExpression') === node) return []
  const expression = child(node, 'expression')
  const operator = expression && removal(expression, above)
  if (!operator) return []
  const [start, end] = range(node)
  // An empty block may stand wherever a statement may; an empty statement may not.
  return [{ operator, start, end: bytes.indexOf(';', end) + 1, mutated: '{}' }]
}

function removal(expression: AstNode, above: readonly AstNode[]): Operator | null {
  if (expression.nodeType === 'FunctionCall') {
    const name = calleeName(expression)
    if (name === 'require') return 'delete-require'
    return checks.includes(name) ? null : 'skip-call'
  }
  const isStep = expression.nodeType === 'UnaryOperation'
  const target = child(expression, isStep ? 'subExpression' : 'leftHandSide')
  return target && outlives(target, above) ? 'skip-write' : null
}

/** Whether a write to this reaches storage, or a structure in memory on its way there. */
function outlives(target: AstNode, above: readonly AstNode[]): boolean {
  if (target.nodeType === 'MemberAccess' || target.nodeType === 'IndexAccess') return true
  if (target.nodeType !== 'Identifier') return false
  const contract = above.find((node) => node.nodeType === 'ContractDefinition')
  return contract !== undefined && stateVariables(contract).includes(target['referencedDeclaration'])
}

function stateVariables(contract: AstNode): unknown[] {
  return children(contract)
    .filter((node) => node.nodeType === 'VariableDeclaration' && node['stateVariable'] === true)
    .map((node) => node['id'])
}

function binary({ node, above, bytes }: Place): Edit[] {
  const left = child(node, 'leftExpression')
  const right = child(node, 'rightExpression')
  if (!left || !right) return []
  const operator = node['operator'] as string
  const [a, b] = [textOf(left, bytes), textOf(right, bytes)]
  const tables = [
    ['flip-comparison', flipped],
    ['shift-boundary', shifted],
    ['replace-arithmetic', arithmetic],
  ] as const
  const replaced = tables.flatMap(([name, table]) => {
    const other = table[operator]
    return other === undefined ? [] : [replace(name, node, `${a} ${other} ${b}`)]
  })
  const swapped = ordered.includes(operator) ? [replace('swap-operands', node, `(${b}) ${operator} (${a})`)] : []
  // In parentheses where the other operator would bind differently.
  const other = logic[operator]
  const within = above[0]?.nodeType === 'BinaryOperation'
  const text = within ? `(${a} ${other} ${b})` : `${a} ${other} ${b}`
  return [...replaced, ...swapped, ...(other === undefined ? [] : [replace('replace-logic', node, text)])]
}

function assignment({ node, bytes }: Place): Edit[] {
  const left = child(node, 'leftHandSide')
  const right = child(node, 'rightHandSide')
  const other = arithmetic[(node['operator'] as string).slice(0, -1)]
  if (!left || !right || other === undefined) return []
  return [replace('replace-arithmetic', node, `${textOf(left, bytes)} ${other}= ${textOf(right, bytes)}`)]
}

/** Steps up become steps down. Not those of a loop: it would never end, whatever is tested. */
function step({ node, above, bytes }: Place): Edit[] {
  const other = { '++': '--', '--': '++' }[node['operator'] as string]
  const isOfLoop = above[1] !== undefined && child(above[1], 'loopExpression') === above[0]
  if (other === undefined || isOfLoop) return []
  const text = textOf(node, bytes)
  return [
    replace('replace-arithmetic', node, node['prefix'] ? `${other}${text.slice(2)}` : `${text.slice(0, -2)}${other}`),
  ]
}

function literal({ node, bytes }: Place): Edit[] {
  if (node['kind'] !== 'number') return []
  const text = textOf(node, bytes)
  const more = replace('off-by-one', node, `(${text} + 1)`)
  return text === '0' ? [more] : [more, replace('off-by-one', node, `(${text} - 1)`)]
}

function member({ node, bytes }: Place): Edit[] {
  const of = child(node, 'expression')
  if (!of) return []
  const subject = textOf(of, bytes)
  const name = node['memberName'] as string
  const other = { min: 'max', max: 'min' }[name]
  if (subject === 'Math' && other !== undefined) return [replace('swap-min-max', node, `Math.${other}`)]
  if (subject === 'Math.Rounding' && name === 'Ceil') return [replace('drop-ceil', node, 'Math.Rounding.Floor')]
  return []
}

/** A comparison is not negated: `flip-comparison` does the same to it. */
function negation({ bytes }: Place, condition: AstNode | null): Edit[] {
  if (!condition || flipped[(condition['operator'] as string) ?? ''] !== undefined) return []
  return [replace('negate-condition', condition, `!(${textOf(condition, bytes)})`)]
}

function calleeName(call: AstNode): string {
  return (child(call, 'expression')?.['name'] as string | undefined) ?? ''
}

function firstArgument(call: AstNode): AstNode | null {
  const first = (call['arguments'] as unknown[])[0]
  return isNode(first) ? first : null
}
