// `npm run test:proofs`: proves the assertions of the files here with solc's model checker. Needs z3.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root, ToolError } from '../../contracts/tool/forge.ts'
import { givesHelp } from '../help/help.ts'
import { checkFile, requireSolver } from './checker.ts'
import { countAssertions, isRefuted, judge } from './proofs.ts'

const canary = 'test/proofs/Canary.sol'
const proofs = ['test/proofs/Fee.sol']

const help = `Usage: npm run test:proofs [-- options]

Proves every assertion of ${proofs.join(', ')} for every value with solc's model checker, after it has seen
to it that a false one (${canary}) is refuted. Needs z3 (\`apt-get install z3\`).

Options:
  --help  print this`

function prove(file: string): boolean {
  const assertions = countAssertions(readFileSync(path.join(root, file), 'utf8'))
  const { proved, problems } = judge(checkFile(root, file), assertions)
  for (const problem of problems) console.error(problem)
  console.log(`${file}: ${proved} of ${assertions} assertions proved`)
  return problems.length === 0
}

function proveAll(): number {
  console.log(requireSolver())
  if (!isRefuted(checkFile(root, canary)))
    throw new ToolError(`${canary} was not refuted: no proof would mean anything.`)
  console.log(`${canary}: refuted, as it must be`)
  return proofs.map(prove).every(Boolean) ? 0 : 1
}

try {
  process.exitCode = givesHelp(process.argv.slice(2), help) ? 0 : proveAll()
} catch (error) {
  console.error(error instanceof ToolError ? error.message : error)
  process.exit(1)
}
