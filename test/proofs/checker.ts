/** solc's model checker with the machine's z3. Without a solver solc compiles, warns and proves nothing. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { ToolError } from '../../contracts/tool/forge.ts'
import type { Diagnostic } from './proofs.ts'

type Contents = { contents: string } | { error: string }
type Callbacks = { import(file: string): Contents; smtSolver(query: string): Contents }
type Compiler = { compile(input: string, callbacks: Callbacks): string }

/** What one question may take; the slowest here took 16 seconds on a busy machine. */
const SOLVER_SECONDS = 240

/** Those that solc's own command line gives z3 for Horn clauses. */
const solverOptions = [
  'rewriter.pull_cheap_ite=true',
  'fp.spacer.q3.use_qgen=true',
  'fp.spacer.mbqi=false',
  'fp.spacer.ground_pobs=false',
]

/**
 * The version of z3.
 * @throws ToolError if there is none: nothing can be proved then, and nobody should think it was.
 */
export function requireSolver(): string {
  const run = spawnSync('z3', ['--version'], { encoding: 'utf8' })
  if (run.error || run.status !== 0) {
    throw new ToolError('z3 is missing, so nothing was proved. Install it (`apt-get install z3`) and run this again.')
  }
  return run.stdout.trim()
}

/** All that the checker says of the assertions in `file`, a path from `root`. */
export function checkFile(root: string, file: string): Diagnostic[] {
  const solc = createRequire(import.meta.url)('solc') as Compiler
  const read = (name: string): Contents => {
    try {
      return { contents: readFileSync(path.join(root, name), 'utf8') }
    } catch {
      return { error: `File not found: ${name}` }
    }
  }
  const input = {
    language: 'Solidity',
    sources: { [file]: { content: readFileSync(path.join(root, file), 'utf8') } },
    settings: {
      remappings: ['@=node_modules/@'],
      modelChecker: {
        engine: 'chc',
        solvers: ['smtlib2'],
        targets: ['assert'],
        showProvedSafe: true,
        showUnproved: true,
        timeout: 0,
      },
      outputSelection: { '*': { '': [] } },
    },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read, smtSolver: solve })) as {
    errors?: Diagnostic[]
  }
  return output.errors ?? []
}

function solve(query: string): Contents {
  const args = ['-smt2', '-in', `-T:${SOLVER_SECONDS}`, ...solverOptions]
  const run = spawnSync('z3', args, { input: query, encoding: 'utf8', maxBuffer: 2 ** 30 })
  return run.error ? { error: run.error.message } : { contents: run.stdout }
}
