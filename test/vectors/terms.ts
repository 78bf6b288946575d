/** Terms at the bounds of what an escrow accepts, and beyond: `terms.json`, for one escrow and one token of its chain. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Payment } from '@mati/sdk'
import { type Address, zeroAddress } from 'viem'

type Terms = Partial<Record<keyof Payment, string | number | boolean>>
type Vectors = { base: Terms; accepted: Terms[]; refused: { term: keyof Payment; changes: Terms }[] }

const file = path.resolve(import.meta.dirname, 'terms.json')

/** `refused` with the term that the escrow names. */
export function termVectors(at: { escrow: Address; token: Address }): {
  accepted: Payment[]
  refused: { term: keyof Payment; payment: Payment }[]
} {
  const { base, accepted, refused } = JSON.parse(readFileSync(file, 'utf8')) as Vectors
  const names: Record<string, Address> = { ...at, zero: zeroAddress }
  const amounts = new Set(['maxAmount', 'due', 'fallbackAmount'])
  const paymentOf = (changes: Terms) =>
    Object.fromEntries(
      Object.entries({ ...base, ...changes }).map(([term, value]) => [
        term,
        amounts.has(term) ? BigInt(value) : (names[String(value)] ?? value),
      ]),
    ) as Payment
  return {
    accepted: accepted.map(paymentOf),
    refused: refused.map(({ term, changes }) => ({ term, payment: paymentOf(changes) })),
  }
}
