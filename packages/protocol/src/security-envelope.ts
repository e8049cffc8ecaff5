import type { EventId } from './brand.ts'
import { encodeJson, parseJsonBody } from './json-body.ts'
import { ITEMS_MAX, TEXT_LIMITS } from './limits.ts'
import { requireMediaType } from './media-type.ts'
import { ProtocolError } from './protocol-error.ts'
import { isRecord } from './record.ts'
import { readText } from './text.ts'
import { writeEnvelope } from './write-envelope.ts'

const MEDIA_TYPES = new Set([
  'application/json',
  'application/csp-report',
  'application/expect-ct-report',
  'application/expect-ct-report+json',
  'application/expect-staple-report',
  'application/reports+json',
])
/** What tells the kinds apart: a report's top key, the last of HPKP, which has no wrapper (Relay). */
const REPORT_KEYS = ['csp-report', 'expect-ct-report', 'expect-staple-report', 'known-pins']
/** Of the Reporting API, which sends deprecations and crashes to the same address. */
const REPORT_TYPES: ReadonlySet<unknown> = new Set(['csp-violation'])

/**
 * The body of `/security/`, a browser's report or a list of them, as one `raw_security` item each; what is no security
 * report becomes an item of the type `unknown`, so that the ledger counts it. `query` holds `sentry_release` and
 * `sentry_environment`. Throws `unsupported_media_type`, `empty_body`, `bad_json`, `too_many_items`.
 */
export function securityEnvelope({
  body,
  contentType,
  query,
  eventId,
}: {
  readonly body: Uint8Array
  readonly contentType: string | null | undefined
  readonly query: { readonly release: string | null; readonly environment: string | null }
  /** A random one: equal reports of two browsers are two, and reports bring no id along. */
  readonly eventId: EventId
}): Buffer {
  requireMediaType(contentType, MEDIA_TYPES)
  const said = {
    sentry_release: readText(query.release, TEXT_LIMITS.headerText) ?? undefined,
    sentry_environment: readText(query.environment, TEXT_LIMITS.headerText) ?? undefined,
  }
  const items = readReports(body).map((report) => ({
    headers: isSecurityReport(report) ? { type: 'raw_security', ...said } : { type: 'unknown' },
    payload: encodeJson(report),
  }))
  return writeEnvelope({ header: { event_id: eventId }, items })
}

/** A list of reports, or the only one. Throws `empty_body`, `bad_json`, `too_many_items`. */
export function readReports(body: Uint8Array): readonly unknown[] {
  const parsed = parseJsonBody(body)
  if (Array.isArray(parsed)) {
    if (parsed.length > ITEMS_MAX) throw new ProtocolError('too_many_items', [`more than ${ITEMS_MAX}`])
    return parsed
  }
  if (!isRecord(parsed)) throw new ProtocolError('bad_json', ['a report is a JSON object'])
  return [parsed]
}

function isSecurityReport(report: unknown): boolean {
  if (!isRecord(report)) return false
  return (
    REPORT_KEYS.some((key) => Object.hasOwn(report, key)) || (REPORT_TYPES.has(report.type) && isRecord(report.body))
  )
}
