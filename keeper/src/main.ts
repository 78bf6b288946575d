/** The keeper's process: configuration from the environment, logs as JSON lines on stdout, SIGTERM or SIGINT to stop. */
import { InvalidInputError, MatiError } from '@mati/sdk'
import { pino } from 'pino'
import { type Config, readConfig } from './config.ts'
import { runKeeper } from './keeper.ts'

/** Stopping takes no longer: everything that matters is stored before. */
const STOP_TIMEOUT_MS = 10_000

const config = readConfigOrExit()
const log = pino({ name: 'keeper', level: config.logLevel })

process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the keeper cannot go on')
  process.exit(1)
})

const keeper = await runKeeper(config, log).catch((error: unknown) => {
  log.fatal(
    { err: error },
    error instanceof MatiError ? `${error.message}. ${error.action}` : 'the keeper cannot start',
  )
  process.exit(1)
})

let isStopping = false
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref()
    void keeper.stop().then(() => process.exit(0))
  })
}

function readConfigOrExit(): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    process.stderr.write(`The keeper cannot start. Correct its environment:\n`)
    for (const issue of error.issues) process.stderr.write(`  ${issue}\n`)
    process.exit(1)
  }
}
