/** What the doctor looks at, and what it says of each thing that is not as declared. */

/** Looked at once per chain. */
export const chainChecks = {
  chain: 'the endpoint is that of the declared chain',
  code: 'every contract that is named has code',
  owner: 'the access manager owns the token and is the authority of gateway and settler',
  delegate: "the access manager is the token's delegate in the endpoint",
  roles: 'roles have the declared holders and delays, and nobody else; an admin waits',
} as const

/** Looked at once per end of every pathway. */
export const endChecks = {
  workers: 'executor and DVNs have code',
  peer: 'the token knows the token at the other end, and is known there',
  gateway: 'the gateway knows the gateway at the other end, and the token knows both',
  limits: 'what may leave and arrive is as declared',
  paused: 'nothing is paused',
  settler: 'settlements for the other end go to the gateway',
  pinned: "no default of LayerZero's is inherited",
  library: 'libraries are the declared ones, and no older one is still valid',
  confirmations: 'sender and receiver wait for the declared number of blocks',
  dvns: 'DVNs are the declared ones',
  operators: 'two DVNs at least are required, and no operator counts twice',
  executor: 'executor and message size are the declared ones',
  options: 'a plain send pays for the declared gas, and for what delivery was measured to need',
  quote: 'token and gateway quote a message to the other end',
} as const

export type CheckName = keyof typeof chainChecks | keyof typeof endChecks

export type Finding = {
  /** Both chain ids, lowest first; null for what concerns a chain whatever the pathway. */
  pathway: string | null
  /** The chain at which it is to be mended. */
  chain: number
  check: CheckName
  /** A warning is something that could not be looked at in full. */
  severity: 'error' | 'warning'
  found: string
  expected: string
  /** What to do about it. */
  mend: string
}

/** A finding before it is known where. */
export type Symptom = Pick<Finding, 'check' | 'found' | 'expected' | 'mend'> & { severity?: Finding['severity'] }

/** A symptom that wiring mends, unless it says otherwise. */
export type WiredSymptom = Omit<Symptom, 'mend'> & { mend?: string }

/** How things are mended; data, so that whoever runs the doctor gets the command with its own arguments. */
export type Remedies = {
  /** The command that wires. */
  wire: string
  /** The command that hands over the chain. */
  handOver: (chainId: number) => string
}
