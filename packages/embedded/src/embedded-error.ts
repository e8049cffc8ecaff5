export type EmbeddedErrorCode =
  | 'UNSUPPORTED_PLATFORM'
  | 'BINARIES_UNUSABLE'
  | 'NO_UNPRIVILEGED_USER'
  | 'DATA_UNUSABLE'
  | 'IN_USE'
  | 'INITDB_FAILED'
  | 'START_FAILED'

/** Why the embedded PostgreSQL cannot run, in a sentence that says what to do about it. */
export class EmbeddedError extends Error {
  readonly code: EmbeddedErrorCode

  constructor(code: EmbeddedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EmbeddedError'
    this.code = code
  }
}
