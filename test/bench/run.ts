// `npm run bench -- <bench>`: what things cost, and whether they cost more than they did. See test/README.md.
import { ToolError } from '../../contracts/tool/forge.ts'
import { BenchError } from './error.ts'
import { benchBridge } from './bridge/bench.ts'
import { benchGas } from './gas/bench.ts'
import { type BenchName, type BenchOptions, help, readOptions } from './options.ts'

/** Each prints what it found, and tells whether what it checked holds. */
const runs: Record<BenchName, (options: BenchOptions) => boolean | Promise<boolean>> = {
  gas: benchGas,
  bridge: benchBridge,
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === null) console.log(help)
  else process.exitCode = (await runs[options.bench](options)) ? 0 : 1
} catch (error) {
  console.error(error instanceof BenchError || error instanceof ToolError ? error.message : error)
  process.exit(1)
}
