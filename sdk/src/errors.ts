/** An error of this SDK: one line, a stable code, what to do about it, and whether trying again may help. */
export class MatiError extends Error {
  /** Stable: programs decide on it, never on the message. */
  readonly code: string
  /** What the caller can do about it. */
  readonly action: string
  /** Whether the very same call may succeed later. */
  readonly retryable: boolean
  /** The values behind the message. */
  readonly meta: Readonly<Record<string, unknown>>

  constructor(message: string, options: MatiErrorOptions) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code
    this.action = options.action
    this.retryable = options.retryable ?? false
    this.meta = options.meta ?? {}
  }

  /** The first error along the chain of causes, this one included, that satisfies `test`; null if none does. */
  walk(test: (error: unknown) => boolean): unknown {
    return firstCause(this, test)
  }
}

/** The first error along a chain of causes that satisfies `test`; null if none does. */
export function firstCause(error: unknown, test: (error: unknown) => boolean): unknown {
  if (error === undefined || error === null) return null
  return test(error) ? error : firstCause((error as { cause?: unknown }).cause, test)
}

export type MatiErrorOptions = {
  code: string
  action: string
  retryable?: boolean
  meta?: Record<string, unknown>
  cause?: unknown
}

/** What was passed in is not valid; `issues` holds one line for each thing that is wrong. */
export class InvalidInputError extends MatiError {
  readonly issues: readonly string[]

  constructor(code: string, what: string, issues: readonly string[], cause?: unknown) {
    super(`${what} is not valid: ${issues.join('; ')}`, { code, action: 'Correct what is named and try again.', cause })
    this.issues = issues
  }
}

/**
 * A transaction was handed to a node and no answer came back. It may be mined or not: after a broadcast an error never
 * means that it failed. `hash` (null if the wallet has it and did not tell) can be waited for.
 */
export class OutcomeUnknownError extends MatiError {
  readonly hash: `0x${string}` | null

  constructor(hash: `0x${string}` | null, cause: unknown) {
    super(`The node did not confirm that it took the transaction${hash ? ` ${hash}` : ''}; it may be mined yet`, {
      code: 'OUTCOME_UNKNOWN',
      action: 'Look for its receipt, or at the state it would change, before sending anything again.',
      meta: { hash },
      cause,
    })
    this.hash = hash
  }
}
