/** GET /indexed: how far the index has come on each chain. */
import type { indexedView } from '@mati/sdk'
import { db } from 'ponder:api'
import { sql } from 'ponder'
import { z } from 'zod'
import { decodeCheckpoint } from '../checkpoint.ts'
import { answer, createRouter } from './http.ts'

type IndexedView = z.infer<typeof indexedView>

const row = z.object({ checkpoint: z.string() })

export const indexed = createRouter()

indexed.get('/indexed', async (c) => answer(c, await readIndexed()))

/** The latest block of each chain whose events all are in the database; empty until indexing begins. */
export async function readIndexed(): Promise<IndexedView> {
  const { rows } = await db.execute(
    sql`SELECT latest_checkpoint AS checkpoint FROM _ponder_checkpoint ORDER BY chain_id`,
  )
  return z
    .array(row)
    .parse(rows)
    .map(({ checkpoint }) => decodeCheckpoint(checkpoint))
}
