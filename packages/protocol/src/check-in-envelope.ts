import { bomLength, bufferOf, OPEN_BRACE, skipWhitespace } from './bytes.ts'
import { isNilEventId, parseEventId } from './event-id.ts'
import { encodeJson, parseJsonBody } from './json-body.ts'
import { CHECK_IN_BYTES_MAX, INTEGER_MAX, TEXT_LIMITS } from './limits.ts'
import { mediaType } from './media-type.ts'
import { readNumber } from './number.ts'
import { ProtocolError } from './protocol-error.ts'
import { isRecord, type JsonObject, recordOf } from './record.ts'
import { readText } from './text.ts'
import { writeEnvelope } from './write-envelope.ts'

const SLUG = /^[A-Za-z0-9_-]{1,50}$/
/** Those a client may send; `missed` and `timeout` are for the server to say. */
const STATUSES: ReadonlySet<unknown> = new Set(['in_progress', 'ok', 'error'])
const QUERY_NAMES = ['status', 'check_in_id', 'environment', 'duration', 'release']
/** In place of an id: the newest one that is in progress. */
const NIL = '0'.repeat(32)

/**
 * A request of `/cron/{slug}` as an envelope of one `check_in` item: what its JSON or form body says, and the query where
 * the body is silent. An odd field is left out; what would make another check-in of it is refused, for it was typed by
 * hand into a crontab. Throws `bad_check_in`, `bad_json`, `item_too_large`.
 */
export function checkInEnvelope({
  slug,
  body,
  contentType,
  query,
  receivedAt,
}: {
  readonly slug: string
  readonly body: Uint8Array
  readonly contentType: string | null | undefined
  readonly query: URLSearchParams
  readonly receivedAt: Date
}): Buffer {
  if (!SLUG.test(slug)) throw bad('a slug is 1 to 50 letters, digits, - or _')
  if (body.length > CHECK_IN_BYTES_MAX) {
    throw new ProtocolError('item_too_large', [], `a check-in exceeds ${CHECK_IN_BYTES_MAX} bytes`)
  }
  const said = { ...namedIn(query), ...readBody(bufferOf(body), contentType) }
  if (!STATUSES.has(said.status)) throw bad('status is in_progress, ok or error')
  const id = readId(said.check_in_id)
  const checkIn = {
    check_in_id: id ?? undefined,
    monitor_slug: slug,
    status: said.status,
    duration: readDuration(said.duration) ?? undefined,
    environment: readText(said.environment, TEXT_LIMITS.environment) ?? undefined,
    release: readText(said.release, TEXT_LIMITS.release) ?? undefined,
    contexts: isRecord(said.contexts) ? said.contexts : undefined,
    monitor_config: isRecord(said.monitor_config) ? said.monitor_config : undefined,
  }
  return writeEnvelope({
    // Equal bytes of a day are kept once, but two pings without an id of their own are two.
    header: id === null || id === NIL ? { sent_at: receivedAt.toISOString() } : {},
    items: [{ headers: { type: 'check_in' }, payload: encodeJson(checkIn) }],
  })
}

/** JSON whatever its type says (`curl -d` calls everything a form), a form, or nothing. */
function readBody(body: Buffer, contentType: string | null | undefined): JsonObject {
  const start = skipWhitespace(body, bomLength(body))
  if (start === body.length) return {}
  if (body[start] === OPEN_BRACE) return recordOf(parseJsonBody(body))
  if (mediaType(contentType) !== 'application/x-www-form-urlencoded') {
    throw new ProtocolError('bad_json', ['a check-in is a JSON object'])
  }
  return namedIn(new URLSearchParams(body.toString('utf8')))
}

function namedIn(params: URLSearchParams): JsonObject {
  const named = QUERY_NAMES.map((name) => [name, params.get(name)] as const)
  return Object.fromEntries(named.filter(([, value]) => value !== null && value !== ''))
}

function readId(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  const id = isNilEventId(value) ? NIL : parseEventId(value)
  if (id === null) throw bad('check_in_id is no UUID')
  return id
}

/** In seconds. */
function readDuration(value: unknown): number | null {
  const isText = typeof value === 'string' && /^\d{1,10}(?:\.\d{1,9})?$/.test(value)
  return readNumber(isText ? Number(value) : value, 0, INTEGER_MAX)
}

function bad(cause: string): ProtocolError {
  return new ProtocolError('bad_check_in', [cause])
}
