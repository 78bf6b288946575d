/** Lengths of time as people write them: a whole number and s, m, h or d. */
const secondsOf = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

/**
 * Seconds of a duration like `90s`, `15m`, `1h` or `2d`; negative ones are read too, so that callers can say so.
 * Null for anything else.
 */
export function parseDuration(text: string): number | null {
  const match = /^(-?\d{1,9})([smhd])$/.exec(text)
  if (!match) return null
  return Number(match[1]) * secondsOf[match[2] as keyof typeof secondsOf]
}
