/** `npm run doctor`: are all pathways as declared? Of the local network, of any other, or, breaking things, of itself. */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { doctorUsage, exitCodes, runDoctor } from '@mati/contracts/script/doctor'
import { MatiError } from '@mati/sdk'
import { buildContracts } from './build.ts'
import { readDeclarations } from './declarations.ts'
import { parseCommandLine } from './options.ts'
import { selfTest, type SelfTestRow } from './doctor/selfTest.ts'
import { explain } from './explain.ts'
import { Interrupted, INTERRUPTED, onInterrupt } from './interrupt.ts'

const usage = `Usage: npm run doctor [-- options]

Without options: compares the network that \`npm start\` runs with its declaration.

  --self-test           starts local chains, breaks each thing in turn, and must find every one; with --json if wished

Of another network, with paths from the root:

${doctorUsage.split('\n').slice(2).join('\n')}`

const runDirectory = path.resolve(import.meta.dirname, '../../.mati')

async function main(args: readonly string[]): Promise<number> {
  const options = {
    pathways: { type: 'string' },
    deployments: { type: 'string' },
    configs: { type: 'string' },
    rpc: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    'self-test': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const
  const { values } = parseCommandLine(() => parseArgs({ args: [...args], options }), 'doctor')
  const { pathways, deployments, configs = null, rpc: rpcs = [], json } = values
  if (values.help) return say(usage)
  if (values['self-test']) return runSelfTest(json)
  if (pathways && deployments && rpcs.length > 0) return runDoctor({ pathways, deployments, configs, rpcs }, { json })
  if (pathways || deployments || configs || rpcs.length > 0) {
    throw new MatiError('--pathways, --deployments and --rpc go together', {
      code: 'BAD_ARGUMENTS',
      action: 'Pass all of them, or none for the local network.',
    })
  }
  const local = readDeclarations(runDirectory)
  if (local) {
    const code = await runDoctor(local, { json })
    if (code === exitCodes.unreadable) console.error(howToStart)
    return code
  }
  console.error(`No local network has been started here. ${howToStart}`)
  if (json) console.log(JSON.stringify({ status: 'unreadable', reason: 'no local network has been started' }))
  return exitCodes.unreadable
}

const howToStart =
  'Start one with `npm start` in another terminal, or try the doctor on chains of its own: `npm run doctor -- --self-test`. ' +
  'For another network pass --pathways, --deployments and --rpc (`npm run doctor -- --help`).'

async function runSelfTest(json: boolean): Promise<number> {
  const startedAt = performance.now()
  say('compiling the contracts')
  buildContracts()
  const rows = await selfTest({ onStep: say, onRow: (row) => say(lineOf(row)), signal: onInterrupt() })
  const missed = rows.filter(({ isCaught }) => !isCaught)
  const wallMs = Math.round(performance.now() - startedAt)
  const all = `${rows.length} faults in ${(wallMs / 1000).toFixed(1)} s`
  say(missed.length === 0 ? `Every one of ${all} was found.` : `MISSED: ${missed.length} of ${all}.`)
  if (json) console.log(JSON.stringify({ status: missed.length === 0 ? 'passed' : 'failed', wallMs, faults: rows }))
  return missed.length === 0 ? exitCodes.healthy : exitCodes.findings
}

function lineOf({ fault, expected, found, isMended, isCaught }: SelfTestRow): string {
  const mended = { true: '; wiring mends it', false: '; WIRING DOES NOT MEND IT', null: '' }[`${isMended}`]
  const missed = isCaught ? '' : `; EXPECTED ${expected.join(', ')}`
  return `  ${isCaught ? '✓' : '✗'} ${fault.padEnd(56)} ${found.join(', ') || 'nothing'}${mended}${missed}`
}

function say(line: string): 0 {
  console.log(line)
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Interrupted)) console.error(explain(error))
  process.exitCode = error instanceof Interrupted ? INTERRUPTED : exitCodes.unreadable
}
