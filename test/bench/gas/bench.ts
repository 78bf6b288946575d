/** `npm run bench -- gas`. */
import type { BenchOptions } from '../options.ts'
import { measureGas } from './measure.ts'
import { advice, compare, findProblems, findRemarks, formatTable, toJson, toSnapshot } from './report.ts'
import { gasRows } from './rows.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'

/** Measures every row. False only if it was to be checked and does not hold. */
export function benchGas(options: BenchOptions): boolean {
  const rows = compare(gasRows, { snapshot: readSnapshot(), measured: measureGas() })
  console.log(formatTable(rows))
  if (options.update) writeSnapshot(toSnapshot(rows))

  const problems = options.check ? findProblems(rows) : []
  if (options.check) for (const remark of findRemarks(rows)) console.log(remark)
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) console.error(advice)
  if (options.json) console.log(JSON.stringify(toJson(rows)))
  return problems.length === 0
}
