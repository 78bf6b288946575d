/** One structured line: who says it, what happened, and what to. Amounts and gas are bigint. */
export interface LogLine {
  component: string
  event: string
  [detail: string]: unknown
}

export type Log = (line: LogLine) => void

/** A line as JSON, with its time; bigints become decimal strings. */
export function formatLog(line: LogLine, time: Date): string {
  return JSON.stringify({ time: time.toISOString(), ...line }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
}

/** The short form of an error for a log line. */
export function describe(error: unknown): string {
  if (error instanceof Error && 'shortMessage' in error) return String(error.shortMessage)
  return error instanceof Error ? error.message : String(error)
}
