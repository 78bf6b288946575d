/** Compares DVNs and confirmations of one end with the declaration, both ways. Pure. */
import type { Address } from 'viem'
import { type DeclaredEnd, NIL_CONFIRMATIONS, NIL_DVN_COUNT, type UlnConfig } from '../pathway.ts'
import type { WiredSymptom } from './finding.ts'
import type { ObservedEnd, ObservedUln } from './observeEnd.ts'

/** How the other end is set: what is sent here is received there. */
export type FarUln = Pick<ObservedEnd, 'sent' | 'received'>

/** What is not as declared of what is sent and of what is received; nothing if all is. */
export function diagnoseDvns(declared: DeclaredEnd, observed: ObservedEnd, far: FarUln): WiredSymptom[] {
  return (['sent', 'received'] as const).flatMap((way) => [
    ...inherited(way, declared[way], observed[way]),
    ...confirmations(way, declared[way], observed[way].own, far[way === 'sent' ? 'received' : 'sent'].inForce),
    ...dvns(way, declared[way], observed[way]),
    ...operators(way, observed[way], observed.signers),
  ])
}

function inherited(way: string, declared: UlnConfig, { own, inForce }: ObservedUln): WiredSymptom[] {
  const symptom = (field: string, today: string, expected: string): WiredSymptom => ({
    check: 'pinned',
    found: `${field} of what is ${way}: inherited, today ${today}`,
    expected: `${expected}, pinned`,
  })
  const symptoms: WiredSymptom[] = []
  if (own.confirmations === 0n) {
    symptoms.push(symptom('confirmations', `${inForce?.confirmations ?? 'invalid'}`, `${declared.confirmations}`))
  }
  if (own.requiredDVNCount === 0) {
    symptoms.push(symptom('required DVNs', list(inForce?.requiredDVNs), list(declared.requiredDVNs)))
  }
  if (own.optionalDVNCount === 0) {
    symptoms.push(symptom('optional DVNs', list(inForce?.optionalDVNs), list(declared.optionalDVNs)))
  }
  return symptoms
}

function confirmations(way: string, declared: UlnConfig, own: UlnConfig, far: UlnConfig | null): WiredSymptom[] {
  if (own.confirmations === 0n || own.confirmations === declared.confirmations) return []
  const here = own.confirmations === NIL_CONFIRMATIONS ? 0n : own.confirmations
  return [
    {
      check: 'confirmations',
      found: `of what is ${way}: ${here}, at the other end ${far?.confirmations ?? 'invalid'}`,
      expected: `${declared.confirmations} at both ends`,
    },
  ]
}

function dvns(way: string, declared: UlnConfig, { own, inForce }: ObservedUln): WiredSymptom[] {
  const symptoms: WiredSymptom[] = []
  const require = (kind: string, found: string, expected: string) => {
    if (found !== expected) symptoms.push({ check: 'dvns', found: `${kind} for what is ${way}: ${found}`, expected })
  }
  if (own.requiredDVNCount !== 0) require('required', list(own.requiredDVNs), list(declared.requiredDVNs))
  if (own.optionalDVNCount !== 0) require('optional', optionalOf(own), optionalOf(declared))
  // A genuine library makes no difference between these; another one under its address would.
  if (symptoms.length === 0 && inForce && own.requiredDVNCount !== 0) {
    require('in force', list(inForce.requiredDVNs), list(declared.requiredDVNs))
  }
  return symptoms
}

function operators(way: string, { inForce }: ObservedUln, signers: ObservedEnd['signers']): WiredSymptom[] {
  if (!inForce) return []
  const { requiredDVNs, optionalDVNs } = inForce
  const expected = 'two or more required DVNs, each of an operator of its own'
  const symptom = (found: string, mend?: string): WiredSymptom => ({
    check: 'operators',
    found: `for what is ${way}: ${found}`,
    expected,
    ...(mend === undefined ? {} : { mend }),
  })
  const symptoms = requiredDVNs.length < 2 ? [symptom(`${requiredDVNs.length} required`)] : []
  const all = [...requiredDVNs, ...optionalDVNs]
  for (const dvn of new Set(all.filter((address, i) => all.indexOf(address) !== i))) {
    symptoms.push(symptom(`${dvn} is required and optional`))
  }
  const mend = 'Name DVNs of different operators in the pathway, and wire again.'
  const distinct = [...new Set(all)]
  for (const [i, one] of distinct.entries()) {
    for (const other of distinct.slice(i + 1)) {
      const shared = signers[one]?.find((signer) => signers[other]?.includes(signer))
      if (shared) symptoms.push(symptom(`${one} and ${other} are both signed for by ${shared}`, mend))
    }
  }
  return symptoms
}

function optionalOf({ optionalDVNCount, optionalDVNThreshold, optionalDVNs }: UlnConfig): string {
  return optionalDVNCount === NIL_DVN_COUNT ? 'none' : `${optionalDVNThreshold} of ${list(optionalDVNs)}`
}

function list(dvns: readonly Address[] | undefined): string {
  if (!dvns) return 'invalid'
  return dvns.length === 0 ? 'none' : dvns.join(', ')
}
