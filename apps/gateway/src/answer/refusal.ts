/** Why a request is refused for another reason than its format: the status, and a sentence that names the knob. */
const REFUSALS = {
  unknown_key: { status: 403, detail: 'event submission rejected with_reason: ProjectId' },
  unknown_dsn: { status: 404, detail: 'unknown DSN' },
  not_taken: { status: 403, detail: 'event submission rejected with_reason: UnrealReport' },
  body_too_large: { status: 413, detail: 'request body exceeds MAX_COMPRESSED_PAYLOAD_BYTES' },
  body_cut: { status: 400, detail: 'the request ended before its body did' },
  body_late: { status: 408, detail: 'no body within BODY_FIRST_BYTE_TIMEOUT_SECS' },
  body_slow: { status: 408, detail: 'the body took longer than BODY_TIMEOUT_SECS' },
  disk_full: { status: 503, detail: 'the event could not be stored: free disk below MIN_FREE_DISK_BYTES' },
} as const

export type RefusalReason = keyof typeof REFUSALS

/** A request this gateway answers with a status of its own choice. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: RefusalReason
  readonly status: (typeof REFUSALS)[RefusalReason]['status']

  constructor(reason: RefusalReason) {
    super(REFUSALS[reason].detail)
    this.reason = reason
    this.status = REFUSALS[reason].status
  }
}
