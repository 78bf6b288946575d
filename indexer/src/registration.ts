/** Which of a merchant's registrations on a chain holds. */

/** What deciding takes of a registration; all times in Unix seconds. */
export interface RegistrationTimes {
  nonce: bigint
  /** When the chain accepted it. */
  timestamp: number
  effectiveAt: number
}

/**
 * The registration that holds at `now`: the latest whose time has come, unless a later one was accepted before that
 * and so dropped it. None for a merchant not registered.
 */
export function holdingRegistration<T extends RegistrationTimes>(registrations: T[], now: number): T | undefined {
  const byNonce = registrations.toSorted((a, b) => (a.nonce < b.nonce ? -1 : 1))
  return byNonce.findLast((registration, i) => {
    const next = byNonce[i + 1]
    const isDropped = next !== undefined && next.timestamp < registration.effectiveAt
    return registration.effectiveAt <= now && !isDropped
  })
}
