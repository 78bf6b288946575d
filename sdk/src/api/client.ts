/** Reads the indexer's HTTP API: fetch, check against `schema.ts`, typed values or typed errors. */
import type { Address, Hex } from 'viem'
import { z } from 'zod'
import { MatiError } from '../errors.ts'
import * as schema from './schema.ts'

export type CreateApiOptions = {
  /** Where the indexer answers, such as `http://127.0.0.1:42069`. */
  url: string
  timeoutMs?: number
  fetch?: typeof globalThis.fetch
}

export type Api = ReturnType<typeof createApi>

export type PaymentsQuery = {
  status?: schema.PaymentIndexStatus
  merchant?: Address
  payer?: Address
  /** Only payments of which something is held, whatever their status: one captured in part is `captured`, and held. */
  isHeld?: 'true'
}

export type MessagesQuery = {
  status?: schema.MessageStatus
  /** Only those for which something is still to be done that anyone may do. */
  isOpen?: 'true'
}

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/**
 * A client of the indexer's API. Every method throws a MatiError: `API_UNREACHABLE` and `API_FAILED` (a 5xx) may be
 * tried again; `API_REFUSED` and `API_UNREADABLE` not.
 * @example
 * const api = createApi({ url: 'http://127.0.0.1:42069' })
 * const payment = await api.getPayment(id)
 */
export function createApi({ url, timeoutMs = 10_000, fetch = globalThis.fetch }: CreateApiOptions) {
  async function request(path: string, query: Record<string, string | undefined>): Promise<Response> {
    const target = new URL(path, url.endsWith('/') ? url : `${url}/`)
    for (const [key, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(key, value)
    return fetch(target, { signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
      const action = 'Check that the indexer runs and that the URL is right, then try again.'
      throw new MatiError(`No answer from ${target.href}`, {
        code: 'API_UNREACHABLE',
        action,
        retryable: true,
        meta: { url: target.href },
        cause,
      })
    })
  }

  async function get<kind extends z.ZodType>(kind: kind, path: string, query: Record<string, string | undefined> = {}) {
    const response = await request(path, query)
    if (!response.ok) throw await refusal(path, response)
    return read(kind, path, response)
  }

  return {
    /** Payments, newest first as the API orders them; optionally of one status, merchant or payer, or still held. */
    getPayments: (query: PaymentsQuery = {}) => get(z.array(schema.paymentView), 'payments', query),
    /** One payment across chains; null while the index does not know it. */
    getPayment: async (id: Hex): Promise<schema.PaymentView | null> => {
      const path = `payments/${id}`
      const response = await request(path, {})
      if (response.status === 404) return null
      if (!response.ok) throw await refusal(path, response)
      return read(schema.paymentView, path, response)
    },
    /** Ledger balances that can be settled together. */
    getGroups: () => get(z.array(schema.groupView), 'groups'),
    /** Payout accounts; optionally a merchant's, or those that hold a ledger balance and are not open yet. */
    getPayoutAccounts: (query: { merchant?: Address; isWaiting?: 'true' } = {}) =>
      get(z.array(schema.payoutAccountView), 'payout-accounts', query),
    /** Messages between chains, newest first; optionally of one status, or those of which something is to be done. */
    getMessages: (query: MessagesQuery = {}) => get(z.array(schema.messageView), 'messages', query),
    /** One message with its steps; null while the index does not know that it was sent. */
    getMessage: async (guid: Hex): Promise<schema.MessageDetail | null> => {
      const path = `messages/${guid}`
      const response = await request(path, {})
      if (response.status === 404) return null
      if (!response.ok) throw await refusal(path, response)
      return read(schema.messageDetail, path, response)
    },
    /** Ledger balances as the events tell; optionally of one account. */
    getLedger: (query: { account?: Address } = {}) => get(z.array(schema.ledgerView), 'ledger', query),
    /** What each escrow owes, per token. */
    getSolvency: () => get(z.array(schema.solvencyView), 'solvency'),
    /** The latest round of each feed. */
    getFeeds: () => get(z.array(schema.feedView), 'feeds'),
    /** How far the index has come. */
    getIndexed: () => get(schema.indexedView, 'indexed'),
  }
}

async function refusal(path: string, response: Response): Promise<MatiError> {
  const body = errorSchema.safeParse(await response.json().catch(() => null))
  const reason = body.success ? `${body.data.error.code}: ${body.data.error.message}` : response.statusText
  const isFault = response.status >= 500 || response.status === 429
  return new MatiError(`The indexer answered ${response.status} to /${path} (${reason})`, {
    code: isFault ? 'API_FAILED' : 'API_REFUSED',
    action: isFault ? "Try again; look at the indexer's log if it lasts." : 'Correct the request.',
    retryable: isFault,
    meta: { status: response.status },
  })
}

async function read<kind extends z.ZodType>(kind: kind, path: string, response: Response): Promise<z.output<kind>> {
  const parsed = kind.safeParse(await response.json().catch(() => undefined))
  if (parsed.success) return parsed.data
  throw new MatiError(`What the indexer answered to /${path} is not what this SDK expects`, {
    code: 'API_UNREADABLE',
    action: 'Run indexer and SDK of the same version.',
    cause: parsed.error,
  })
}
