/** Why a request is refused for another reason than its format. */
const REFUSALS = {
  unknown_key: { status: 403, detail: 'event submission rejected with_reason: ProjectId' },
  body_too_large: { status: 413, detail: 'request body exceeds MAX_COMPRESSED_PAYLOAD_BYTES' },
  body_cut: { status: 400, detail: 'the request ended before its body did' },
} as const

/** A request this gateway answers with a status of its own choice. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: (typeof REFUSALS)[keyof typeof REFUSALS]['status']

  constructor(reason: keyof typeof REFUSALS) {
    super(REFUSALS[reason].detail)
    this.status = REFUSALS[reason].status
  }
}
