/** How every answer looks: JSON with amounts as decimal strings, errors as `{ error: { code, message } }`. */
import { type Context, Hono } from 'hono'
import { z } from 'zod'

/** An error that the caller is told about. */
export class ApiError extends Error {
  readonly status: 400 | 404 | 502
  readonly code: string

  constructor(status: 400 | 404 | 502, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.code = code
  }
}

export function answer(c: Context, value: unknown): Response {
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part))
  return c.body(text, 200, { 'content-type': 'application/json' })
}

/** A router whose errors are answered as JSON. */
export function createRouter(): Hono {
  return new Hono().onError((error, c) => {
    if (!(error instanceof ApiError)) throw error
    return c.json({ error: { code: error.code, message: error.message } }, error.status)
  })
}

export const addressParameter = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/i, 'must be an address')
  .transform(lowerHex)
export const hashParameter = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i, 'must be 32 bytes in hex')
  .transform(lowerHex)

/** @throws ApiError 400 that names each parameter that is wrong. */
export function parseParameters<T>(schema: z.ZodType<T>, parameters: Record<string, string>): T {
  const parsed = schema.safeParse(parameters)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '))
  throw new ApiError(400, 'BAD_REQUEST', issues.join('; '))
}

function lowerHex(value: string): `0x${string}` {
  return value.toLowerCase() as `0x${string}`
}
