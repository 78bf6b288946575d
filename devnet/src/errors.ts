/** What can go wrong with the local chains; `code` is stable, the message may change. */
export type DevnetErrorCode =
  | 'binary-missing'
  | 'artifact-missing'
  | 'port-invalid'
  | 'port-in-use'
  | 'start-timeout'
  | 'process-died'
  | 'transaction-reverted'

/** An error of the local chains: what happened (message), and what to do about it (`action`). */
export class DevnetError extends Error {
  override readonly name = 'DevnetError'
  readonly code: DevnetErrorCode
  readonly action: string
  readonly retryable: boolean

  constructor(
    message: string,
    options: { code: DevnetErrorCode; action: string; retryable?: boolean; cause?: unknown },
  ) {
    super(`${message} ${options.action}`, { cause: options.cause })
    this.code = options.code
    this.action = options.action
    this.retryable = options.retryable ?? false
  }
}
