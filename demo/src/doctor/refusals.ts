/** Faults that never get as far as the chains, and chains that do not answer. */
import { parsePathways } from '@mati/contracts/script/config'
import { connectReading } from '@mati/contracts/script/cli'
import { ulnCall } from '@mati/contracts/script/messaging'
import { declareEnd } from '@mati/contracts/script/pathway'
import { findFreePort } from '@mati/devnet'
import { pathwayOf } from '../config.ts'
import { asAdmin, type Refusal, type Site } from './fault.ts'

/** The pathway, with operators named on both chains. */
function named({ here, there }: Site, requiredDvns: readonly string[], optionalDvns: readonly string[] = []) {
  const pathway = pathwayOf(here, there)
  const ends = pathway.ends.map((end, i) => {
    const [one, two] = (i === 0 ? here : there).external.dvns
    return { ...end, dvns: { One: one, Two: two } }
  })
  const optional = optionalDvns.length > 0 ? { optionalDvns, optionalThreshold: 1 } : {}
  return [{ ...pathway, ends, requiredDvns, ...optional }]
}

export const refusals: readonly Refusal[] = [
  {
    name: 'a DVN is declared twice',
    attempt: async (site) => parsePathways(named(site, ['One', 'One'])),
    says: /"One" is named twice/,
  },
  {
    name: 'a DVN is declared as required and as optional',
    attempt: async (site) => parsePathways(named(site, ['One', 'Two'], ['Two'])),
    says: /"Two" is named twice/,
  },
  {
    name: 'one required DVN is declared',
    attempt: async (site) => parsePathways(named(site, ['One'])),
    says: /two operators at least/,
  },
  {
    name: "a DVN is required twice, in LayerZero's own library",
    attempt: async (site) => {
      const { here, there } = site
      const declared = declareEnd(pathwayOf(here, there), here.deployment, there.deployment).received
      const [dvn] = declared.requiredDVNs
      const config = { ...declared, requiredDVNs: dvn ? [dvn, dvn] : [] }
      await asAdmin(site, ulnCall(here.deployment, there.deployment, 'received', config))
    },
    says: /LZ_ULN_Unsorted/,
  },
  {
    name: 'a node does not answer',
    attempt: async () => connectReading(`http://127.0.0.1:${await findFreePort()}`),
    says: /No node answers at http:\/\/127\.0\.0\.1:\d+/,
  },
]
