/** Reads and judges what solc's model checker says. Pure. */

/** One message of solc. */
export type Diagnostic = { errorCode: string; formattedMessage: string }

export type Verdict = { proved: number; problems: string[] }

/** What the checker says of one assertion, in solc's numbering. */
const SAFE = '9576'
const VIOLATED = '6328'

/**
 * Counts what was proved. Everything else that the checker says is a problem: a counterexample, what it could not
 * decide, and above all the warning that there was no solver, with which it compiles and proves nothing.
 */
export function judge(diagnostics: readonly Diagnostic[], assertions: number): Verdict {
  const proved = diagnostics.filter(({ errorCode }) => errorCode === SAFE).length
  const problems = diagnostics
    .filter(({ errorCode }) => errorCode !== SAFE)
    .map(({ formattedMessage }) => formattedMessage)
  if (proved !== assertions) problems.push(`${proved} of ${assertions} assertions proved`)
  return { proved, problems }
}

/** Whether the checker found an assertion violated, and none to hold. */
export function isRefuted(diagnostics: readonly Diagnostic[]): boolean {
  const codes = diagnostics.map(({ errorCode }) => errorCode)
  const counterexample = diagnostics.some(({ formattedMessage }) => formattedMessage.includes('happens here'))
  return codes.includes(VIOLATED) && counterexample && !codes.includes(SAFE)
}

/** How many assertions a source has, comments apart. */
export function countAssertions(source: string): number {
  return source.replaceAll(/\/\/.*|\/\*[^]*?\*\//g, '').match(/\bassert\(/g)?.length ?? 0
}
