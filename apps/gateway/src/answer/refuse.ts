import { ProtocolError, type ProtocolErrorCode } from '@rumen/protocol/protocol-error'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { OutcomeName } from '../admin/door-outcome.ts'
import type { Limit } from '../admit/limit.ts'
import { NotKeptError } from '../keep/keep.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'
import { Refusal } from './refusal.ts'
import type { Refused } from './reply.ts'

/** The status of each fault of the wire format (Sentry's ingestion protocol, authentication and envelope errors). */
const STATUS = {
  missing_authorization: 401,
  multiple_authorizations: 401,
  bad_authorization: 401,
  bad_dsn: 401,
  bad_public_key: 400,
  unsupported_version: 400,
  bad_project_id: 400,
  dsn_mismatch: 400,
  empty_body: 400,
  unknown_encoding: 415,
  undecodable_body: 400,
  decoded_too_large: 413,
  header_too_large: 400,
  bad_envelope_header: 400,
  bad_item_header: 400,
  bad_framing: 400,
  too_many_items: 400,
  item_too_large: 413,
  second_event: 400,
  bad_json: 400,
  unsupported_media_type: 415,
  bad_multipart: 400,
  missing_minidump: 400,
  invalid_minidump: 400,
  bad_event_id: 400,
  bad_check_in: 400,
  bad_user_report: 400,
  bad_feedback: 400,
  bad_session: 400,
  bad_security_report: 400,
} as const satisfies Record<ProtocolErrorCode, ContentfulStatusCode>

/** A request that is over a limit, or comes when too much is under way. */
export class LimitedError extends Error {
  readonly limit: Limit

  constructor(limit: Limit) {
    super(limit.detail)
    this.name = 'LimitedError'
    this.limit = limit
  }
}

/** A refusal with the outcome and the reason (a code) it is counted under. */
export interface Failure extends Refused {
  outcome: OutcomeName
  reason: string
}

/**
 * The one place where an error becomes an answer. Whatever is not the request's fault is 503: the event is not kept, and
 * the only honest answer says so. Never with Retry-After: SDKs read it as a rate limit on a 5xx too.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof ProtocolError) {
    const status = STATUS[error.code]
    return {
      status,
      detail: error.message,
      causes: error.causes,
      headers: error.code === 'unknown_encoding' ? { 'Accept-Encoding': 'gzip, deflate, br, zstd' } : {},
      outcome: status === 401 ? 'unauthorized' : status === 413 ? 'too_large' : 'malformed',
      reason: error.code,
    }
  }
  if (error instanceof LimitedError) {
    const { limit } = error
    const headers = rateLimitHeaders(limit)
    return { status: 429, detail: limit.detail, headers, outcome: 'rate_limited', reason: limit.reason }
  }
  // The connection stays open: closed with unread bytes in it, it would be reset, and the answer lost with it. What is
  // left of a body that was too large is drained and thrown away by the server, within bounds of its own.
  if (error instanceof Refusal) {
    return { status: error.status, detail: error.message, outcome: OUTCOME[error.reason], reason: error.reason }
  }
  const reason = error instanceof NotKeptError ? 'not_kept' : 'failed'
  return { status: 503, detail: 'the event could not be stored', outcome: 'not_kept', reason }
}

const OUTCOME = {
  unknown_key: 'unauthorized',
  unknown_dsn: 'unauthorized',
  not_taken: 'malformed',
  body_too_large: 'too_large',
  body_cut: 'malformed',
  body_late: 'timed_out',
  body_slow: 'timed_out',
  disk_full: 'not_kept',
} as const satisfies Record<Refusal['reason'], OutcomeName>

/**
 * SDKs that keep what got no answer, and send it again later; the others lose it either way. A closed connection is
 * worth more to them than a 503, which they take for an order to forget. (Sentry's ingestion protocol, SDK reactions)
 */
export function keepsUnanswered(client: string | null): boolean {
  return client !== null && /^sentry\.(java\.android|cocoa|dotnet|native)\b/.test(client)
}
