/** The runs of `npm run test:deep`, in order, each with the profile of foundry.toml that says how long it is. */

export type DeepRun = { name: string; profile: string; args: readonly string[] }

const arithmetic = 'test/contracts/arithmetic/*'
const invariants = 'test/contracts/invariants/*'

/** Together all forge tests, each in one of them. */
export const deepRuns: readonly DeepRun[] = [
  { name: 'arithmetic: fuzz, 1,000,000 runs', profile: 'arithmetic', args: ['--match-path', arithmetic] },
  {
    name: 'all but arithmetic and invariants: fuzz, 2,560 runs',
    profile: 'deep',
    args: ['--no-match-path', `{${arithmetic},${invariants}}`],
  },
  { name: 'invariants: 2,560 runs of 100 calls', profile: 'deep', args: ['--match-path', invariants] },
]
