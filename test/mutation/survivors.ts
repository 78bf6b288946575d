/** Survivors that are known, each with the reason why no test can or need kill it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { MutationError } from './error.ts'

const file = path.join(import.meta.dirname, 'survivors.json')

/** Reasons by the mutant's id. They excuse nothing: a known survivor counts as one. */
export function readKnownSurvivors(): Map<string, string> {
  return parseKnownSurvivors(readFileSync(file, 'utf8'))
}

export function parseKnownSurvivors(text: string): Map<string, string> {
  const known: unknown = JSON.parse(text)
  const entries = typeof known === 'object' && known !== null ? Object.entries(known) : []
  return new Map(
    entries.map(([id, reason]) => {
      if (typeof reason === 'string' && reason.trim() !== '') return [id, reason]
      throw new MutationError(`test/mutation/survivors.json names ${id} without a reason: write one.`)
    }),
  )
}
