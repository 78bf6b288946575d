/** The keeper's one database: PGlite in a folder by default, or a PostgreSQL that several keepers share. */
import { PGlite } from '@electric-sql/pglite'
import { fromPglite, PgBoss, type ConstructorOptions } from 'pg-boss'
import type { Logger } from 'pino'
import { lockFolder } from './lock.ts'

export type DatabaseLocation = { kind: 'embedded'; dataDir: string } | { kind: 'postgres'; url: string }

export type Database = {
  kind: DatabaseLocation['kind']
  boss: PgBoss
  query(text: string, values?: unknown[]): Promise<unknown[]>
  close(): Promise<void>
}

/** How long a stopping job queue waits for handlers; they are aborted before, so this is a backstop. */
const STOP_TIMEOUT_MS = 5_000

/** How soon the jobs of a keeper that died are free for another one, together with the queues' heartbeat. */
const SUPERVISE_SECONDS = 10

/** Opens the database and starts the job queue in it. */
export async function openDatabase(location: DatabaseLocation, log: Logger): Promise<Database> {
  const common: ConstructorOptions = {
    useListenNotify: true,
    schedule: false,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
  }
  const embedded = location.kind === 'embedded' ? await openEmbedded(location.dataDir) : undefined
  const boss = new PgBoss({ ...common, ...embedded?.options, ...postgresOptions(location) })
  boss.on('error', (error) => log.error({ err: error }, 'job queue error'))
  boss.on('warning', (warning) => log.warn({ warning }, 'job queue warning'))
  try {
    await boss.start()
  } catch (error) {
    await embedded?.close()
    throw error
  }

  return {
    kind: location.kind,
    boss,
    query: async (text, values) => (await boss.getDb().executeSql(text, values)).rows,
    async close() {
      await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS })
      await embedded?.close()
    },
  }
}

function postgresOptions(location: DatabaseLocation): ConstructorOptions {
  return location.kind === 'postgres' ? { connectionString: location.url } : {}
}

async function openEmbedded(dataDir: string) {
  // PGlite would let two processes corrupt one folder.
  const unlock = lockFolder(dataDir)
  const pglite = await PGlite.create({ dataDir: `${dataDir}/database` })
  const options: ConstructorOptions = { db: fromPglite(pglite), backend: 'pglite' }
  return {
    options,
    async close() {
      await pglite.close()
      unlock()
    },
  }
}
