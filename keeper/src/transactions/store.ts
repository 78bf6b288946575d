import type { Address } from 'viem'
import { z } from 'zod'
import type { Database } from '../database.ts'
import { address, hex, integer } from '../parse.ts'
import type { Attempt, Attempts, Intent, StoredTransaction, TransactionOutcome } from './transaction.ts'

/** Whose transactions: nonces are counted per chain and signer. */
export type Account = { chainId: number; signer: Address }

/** Keeps transactions across restarts. Everything is written before it is acted upon. */
export type TransactionStore = {
  pending(account: Account): Promise<StoredTransaction[]>
  add(account: Account, nonce: number, intent: Intent, attempt: Attempt): Promise<StoredTransaction>
  addAttempt(transaction: StoredTransaction, attempt: Attempt): Promise<StoredTransaction>
  finish(transaction: StoredTransaction, outcome: TransactionOutcome): Promise<void>
}

/** The partial indexes make the database refuse what must never be: one nonce, or one effect, pending twice. */
const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS keeper_transaction (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain_id bigint NOT NULL,
    signer text NOT NULL,
    nonce bigint NOT NULL,
    key text NOT NULL,
    recipient text NOT NULL,
    data text NOT NULL,
    value text NOT NULL,
    gas text NOT NULL,
    attempts text NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    hash text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE UNIQUE INDEX IF NOT EXISTS keeper_transaction_pending_nonce
    ON keeper_transaction (chain_id, signer, nonce) WHERE status = 'pending'`,
  `CREATE UNIQUE INDEX IF NOT EXISTS keeper_transaction_pending_key
    ON keeper_transaction (chain_id, signer, key) WHERE status = 'pending'`,
]

const COLUMNS = `id::text, chain_id::text, signer, nonce::text, key, recipient, data, value, gas, attempts, status`

const attempt = z.object({
  hash: hex,
  raw: hex,
  maxFeePerGas: z.coerce.bigint(),
  maxPriorityFeePerGas: z.coerce.bigint(),
})
const attempts = z.tuple([attempt], attempt)

const row = z
  .object({
    id: z.string(),
    chain_id: integer,
    signer: address,
    nonce: integer,
    key: z.string(),
    recipient: address,
    data: hex,
    value: z.coerce.bigint(),
    gas: z.coerce.bigint(),
    attempts: z.string().transform((text) => attempts.parse(JSON.parse(text))),
    status: z.enum(['pending', 'mined', 'reverted', 'superseded']),
  })
  .transform(({ chain_id: chainId, recipient: to, ...rest }): StoredTransaction => ({ ...rest, chainId, to }))

/** Opens the keeper's transactions in its database. */
export async function createTransactionStore(database: Database): Promise<TransactionStore> {
  for (const statement of SCHEMA) await database.query(statement)

  return {
    async pending({ chainId, signer }) {
      const rows = await database.query(
        `SELECT ${COLUMNS} FROM keeper_transaction
          WHERE chain_id = $1 AND signer = $2 AND status = 'pending' ORDER BY keeper_transaction.nonce`,
        [chainId, signer],
      )
      return z.array(row).parse(rows)
    },

    async add({ chainId, signer }, nonce, { key, to, data, value, gas }, attempt) {
      const rows = await database.query(
        `INSERT INTO keeper_transaction (chain_id, signer, nonce, key, recipient, data, value, gas, attempts)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
        [chainId, signer, nonce, key, to, data, String(value), String(gas), encode([attempt])],
      )
      return row.parse(rows[0])
    },

    async addAttempt(transaction, attempt) {
      const all: Attempts = [...transaction.attempts, attempt]
      await database.query('UPDATE keeper_transaction SET attempts = $2, updated_at = now() WHERE id = $1', [
        transaction.id,
        encode(all),
      ])
      return { ...transaction, attempts: all }
    },

    async finish(transaction, outcome) {
      await database.query('UPDATE keeper_transaction SET status = $2, hash = $3, updated_at = now() WHERE id = $1', [
        transaction.id,
        outcome.status,
        outcome.status === 'superseded' ? null : outcome.hash,
      ])
    },
  }
}

function encode(list: Attempts): string {
  return JSON.stringify(list, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}
