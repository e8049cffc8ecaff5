/** Relay's `detail` sentence where it has one, so that an SDK's log reads the same against either server; else ours. */
const DETAIL = {
  missing_authorization: 'missing authorization information',
  multiple_authorizations: 'multiple authorization payloads detected',
  bad_authorization: 'bad x-sentry-auth header',
  bad_public_key: 'bad sentry DSN public key',
  unsupported_version: 'unsupported protocol version',
  bad_project_id: 'bad project path parameter',
  bad_dsn: 'bad sentry DSN',
  dsn_mismatch: 'invalid event envelope',
  empty_body: 'empty request body',
  unknown_encoding: 'unsupported content encoding, use gzip, deflate, br or zstd',
  undecodable_body: 'invalid request body',
  decoded_too_large: 'decompressed request body exceeds MAX_UNCOMPRESSED_PAYLOAD_BYTES',
  header_too_large: 'invalid event envelope',
  bad_envelope_header: 'invalid event envelope',
  bad_item_header: 'invalid event envelope',
  bad_framing: 'invalid event envelope',
  too_many_items: 'envelope has too many items',
  item_too_large: 'envelope exceeded size limits',
  second_event: 'envelope has more than one event',
  bad_json: 'invalid JSON data',
  unsupported_media_type: 'unsupported content type',
  bad_multipart: 'invalid multipart data',
  missing_minidump: 'missing minidump',
  invalid_minidump: 'invalid minidump',
  bad_event_id: 'invalid event id',
  bad_check_in: 'invalid check-in',
  bad_user_report: 'invalid user report',
  bad_feedback: 'invalid feedback',
  bad_security_report: 'invalid security report',
  bad_session: 'invalid session',
} as const

export type ProtocolErrorCode = keyof typeof DETAIL

/**
 * The only error this package throws for input. `message` is one ASCII sentence for the sender, `causes`
 * say what exactly was wrong; neither quotes a payload, because both end up in logs and replies.
 * What HTTP status a code becomes is the gateway's decision.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode
  readonly causes: readonly string[]

  constructor(code: ProtocolErrorCode, causes: readonly string[] = [], detail: string = DETAIL[code]) {
    super(detail)
    this.code = code
    this.causes = causes
  }
}
