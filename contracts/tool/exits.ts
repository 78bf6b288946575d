// Writes the table of exits into contracts/README.md, from what the test of all combinations found:
// `node contracts/tool/exits.ts`.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import * as prettier from 'prettier'
import { forgeBinary, forgeEnvironment, root } from './forge.ts'

const suite = 'test/contracts/exits/ExitMatrix.t.sol'
const readme = path.join(root, 'contracts/README.md')
const begin = '<!-- exits: written by contracts/tool/exits.ts, do not edit -->'
const end = '<!-- /exits -->'

const head = [
  '| in the way | merchant voids | merchant is silent | disputed: the payer | merchant captures what is due in the token | what is due in USD | then its ledger |',
  '| --- | --- | --- | --- | --- | --- | --- |',
]

/** What `forge test --json` says of one suite. */
type Report = Record<string, { test_results: Record<string, { status: string; decoded_logs: string[] }> }>

/**
 * The table's rows, as the test logged them.
 * @throws Error if any of the suite's tests did not pass.
 */
export function rowsOf(report: Report): string[] {
  const results = Object.entries(Object.values(report)[0]?.test_results ?? {})
  const failed = results.filter(([, { status }]) => status !== 'Success').map(([name]) => name)
  if (failed.length > 0) throw new Error(`${failed.join(', ')} failed: run forge on ${suite}.`)
  const rows = results.flatMap(([name, { decoded_logs }]) => (name === 'test_Rows()' ? decoded_logs : []))
  if (rows.length === 0) throw new Error(`${suite} logged no rows.`)
  return rows
}

/**
 * Puts the table between its markers.
 * @throws Error if they are not there.
 */
export function withTable(text: string, rows: readonly string[]): string {
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`contracts/README.md lacks ${begin} … ${end}.`)
  return `${before}${begin}\n\n${[...head, ...rows].join('\n')}\n\n${end}${after}`
}

async function write(): Promise<void> {
  // forge reports what tests logged from the second level of verbosity on.
  const run = spawnSync(forgeBinary(), ['test', '--json', '-vv', '--match-path', suite], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: forgeEnvironment(),
  })
  const report = run.stdout.split('\n').find((line) => line.startsWith('{'))
  if (report === undefined) throw new Error(`forge gave no report: ${run.stderr}`)
  const text = withTable(readFileSync(readme, 'utf8'), rowsOf(JSON.parse(report) as Report))
  const style = await prettier.resolveConfig(readme)
  writeFileSync(readme, await prettier.format(text, { ...style, parser: 'markdown' }))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  write().catch((error: Error) => {
    console.error(`exits: ${error.message}`)
    process.exit(1)
  })
}
