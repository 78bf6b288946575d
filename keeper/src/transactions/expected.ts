import { decodeError, MatiError, RevertError } from '@mati/sdk'
import type { Outcome } from '../jobs/job.ts'

export type ExpectedOutcome = Exclude<Outcome, { status: 'done' }>

/** Reverts that say the work is done, or was never ours: another keeper, the merchant or the payer was faster. */
const NOTHING = new Set([
  'Escrow_WrongStatus',
  'Escrow_CaptureExpired',
  'Escrow_DueExceeded',
  'Settler_NothingToSettle',
  'LZ_PayloadHashNotFound',
  'LZ_ComposeNotFound',
  'Token_NotWaiting',
])

/** Reverts that time cures, beyond those that the SDK knows to be worth another try. */
const LATER = new Set([
  'LZ_ULN_Verifying',
  'LZ_InvalidNonce',
  'LZ_PathNotVerifiable',
  'Token_OverLimit',
  'Token_InboundPaused',
])

/** Contracts measure the gas they are given. A node estimates with all that there is: more will not come with time. */
const SHORT_OF_GAS = /_InsufficientGas$/

/** What a revert means to a keeper that is not alone; undefined for a failure that somebody should look at. Pure. */
export function expectedOutcome(error: MatiError): ExpectedOutcome | undefined {
  if (!(error instanceof RevertError) || !error.revert) return undefined
  const { name } = error.revert
  if (SHORT_OF_GAS.test(name)) return undefined
  if (NOTHING.has(name)) return { status: 'nothing', reason: error.message }
  if (LATER.has(name) || error.retryable) return { status: 'later', reason: error.message }
  return undefined
}

/**
 * Whether it is the call that fails, and not the node or the signer's funds. Nodes have no code for a call that takes more
 * gas than they give.
 */
export function isRefused(error: unknown): boolean {
  if (!(error instanceof MatiError)) return false
  return error instanceof RevertError || error.code === 'CALL_FAILED' || error.code === 'TOO_MUCH_GAS'
}

/** What a call gives, or what its revert means where that was to be expected. @throws MatiError for other failures */
export async function orExpected<Result>(call: Promise<Result>): Promise<Result | ExpectedOutcome> {
  try {
    return await call
  } catch (error) {
    const decoded = decodeError(error)
    const expected = expectedOutcome(decoded)
    if (expected) return expected
    throw decoded
  }
}
