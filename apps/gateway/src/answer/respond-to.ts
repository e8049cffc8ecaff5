import { ProtocolError, type ProtocolErrorCode } from '@rumen/protocol/protocol-error'
import type { Logger } from '@rumen/telemetry/logger'
import type { Context, ErrorHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { OverloadedError } from '../keep/group-commit.ts'
import { Refusal } from './refusal.ts'

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
} as const satisfies Record<ProtocolErrorCode, ContentfulStatusCode>

const RETRY_AFTER_SECONDS = 5

/** The one place where an error becomes an answer. */
export function createErrorHandler(logger: Logger): ErrorHandler {
  return (error, c) => {
    if (error instanceof ProtocolError) {
      if (error.code === 'unknown_encoding') c.header('Accept-Encoding', 'gzip, deflate, br, zstd')
      return refuse(c, STATUS[error.code], error.message, error.causes)
    }
    // The connection stays open: closed with unread bytes in it, it would be reset, and the answer lost with it. What is
    // left of a body that was too large is drained and thrown away by the server, within bounds of its own.
    if (error instanceof Refusal) return refuse(c, error.status, error.message)
    if (error instanceof OverloadedError) {
      c.header('Retry-After', String(RETRY_AFTER_SECONDS))
      c.header('X-Sentry-Rate-Limits', `${RETRY_AFTER_SECONDS}::organization`)
      return refuse(c, 429, error.message)
    }
    // Whatever else went wrong, the event is not kept, and the only honest answer says so. Never with Retry-After:
    // SDKs read it as a rate limit on a 5xx too.
    logger.error({ err: error }, 'an event could not be stored')
    return refuse(c, 503, 'the event could not be stored')
  }
}

function refuse(c: Context, status: ContentfulStatusCode, detail: string, causes: readonly string[] = []): Response {
  c.header('X-Sentry-Error', detail.replace(/[^\x20-\x7e]/g, '?').slice(0, 200))
  return c.json(causes.length > 0 ? { detail, causes } : { detail }, status)
}
