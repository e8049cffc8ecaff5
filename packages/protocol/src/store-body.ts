import { inflateSync } from 'node:zlib'
import type { EventId } from './brand.ts'
import { bomLength, bufferOf, LF, OPEN_BRACE, skipWhitespace } from './bytes.ts'
import { type Coding, decode, decodeStart } from './content-encoding.ts'
import { isNilEventId, parseEventId } from './event-id.ts'
import { parseEventJson } from './event-json.ts'
import { findObjectEnd } from './json-header.ts'
import { HEADER_BYTES_MAX } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/
const ENVELOPE_TYPE = /^\s*application\/x-sentry-envelope\s*(?:;|$)/i

/** Where the header of an item must have begun, behind a header and the blank lines after it. */
const SNIFFED_BYTES = HEADER_BYTES_MAX + 1024

/** What stands in the body of `/store/`. */
export type StoreBody = { readonly kind: 'envelope' } | { readonly kind: 'event'; readonly json: Buffer }

/**
 * Tells whether an encoded body posted to `/store/` is an envelope, which is then read as any other, or an event, whose
 * JSON it decodes. A bomb unfolds to little more than `eventBytesMax`: what is larger, or damaged, can only be an
 * envelope, and of that the beginning is enough. Throws `empty_body`, `undecodable_body`, `decoded_too_large`.
 */
export function openStoreBody({
  body,
  codings,
  contentType,
  eventBytesMax,
}: {
  readonly body: Uint8Array
  readonly codings: readonly Coding[]
  readonly contentType: string | null | undefined
  readonly eventBytesMax: number
}): StoreBody {
  if (ENVELOPE_TYPE.test(contentType ?? '')) return { kind: 'envelope' }
  try {
    const bytes = decode(body, codings, storedBytesMax(eventBytesMax))
    if (isEnvelope(contentType, bytes)) return { kind: 'envelope' }
    return { kind: 'event', json: decodeStoreBody(bytes, eventBytesMax) }
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code === 'empty_body') throw error
    if (isEnvelope(contentType, decodeStart(body, codings, SNIFFED_BYTES).bytes)) return { kind: 'envelope' }
    throw error.code === 'decoded_too_large' ? tooLarge(eventBytesMax) : error
  }
}

/**
 * The event's JSON in the body of `/store/`, after its `Content-Encoding` is undone: JSON as it is, base64 of JSON, or
 * base64 of zlib of JSON (raven sends the last). Throws `empty_body`, `undecodable_body`, `decoded_too_large`.
 */
export function decodeStoreBody(bytes: Uint8Array, eventBytesMax: number): Buffer {
  if (bytes.length === 0) throw new ProtocolError('empty_body')
  const body = bufferOf(bytes)
  if (startsObject(body)) return bounded(body, eventBytesMax)
  const text = bounded(body, eventBytesMax, storedBytesMax(eventBytesMax)).toString('latin1').replace(/\s+/g, '')
  if (!BASE64.test(text)) throw new ProtocolError('undecodable_body', ['neither JSON nor base64'])
  const binary = Buffer.from(text, 'base64')
  return startsObject(binary) ? bounded(binary, eventBytesMax) : inflateStored(binary, eventBytesMax)
}

/**
 * The `sentry_data` of a GET to `/store/` as a body that `decodeStoreBody` reads. A query turns the `+` of base64 into a
 * blank; JSON keeps its blanks.
 */
export function storeQueryBody(sentryData: string): Buffer {
  const text = sentryData.trim()
  return Buffer.from(text.startsWith('{') ? text : text.replaceAll(' ', '+'))
}

/**
 * True when a body posted to `/store/` is an envelope: its content type says so, or its first line is a JSON object and
 * the next one begins an item header.
 */
export function isEnvelope(contentType: string | null | undefined, bytes: Uint8Array): boolean {
  if (ENVELOPE_TYPE.test(contentType ?? '')) return true
  const body = bufferOf(bytes)
  const start = skipWhitespace(body, bomLength(body))
  if (body[start] !== OPEN_BRACE) return false
  const end = findObjectEnd(body, start, Math.min(body.length, start + HEADER_BYTES_MAX))
  const next = skipWhitespace(body, end)
  return (
    end !== -1 && body.subarray(end, next).includes(LF) && /^\{\s*"type"/.test(body.toString('latin1', next, next + 64))
  )
}

/**
 * The id in an event's JSON, `null` when it has none. `/store/` answers for its JSON at once, so this throws `bad_json`
 * for JSON that is none and for an id that is malformed.
 */
export function readStoreEventId(json: Uint8Array): EventId | null {
  const { event_id: value } = parseEventJson(json)
  if (value === undefined || value === null || isNilEventId(value)) return null
  const id = parseEventId(value)
  if (id === null) throw new ProtocolError('bad_json', ['event_id is no UUID'])
  return id
}

function startsObject(bytes: Buffer): boolean {
  return bytes[skipWhitespace(bytes, bomLength(bytes))] === OPEN_BRACE
}

function inflateStored(binary: Buffer, eventBytesMax: number): Buffer {
  try {
    return inflateSync(binary, { maxOutputLength: Math.max(eventBytesMax, 1) })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(eventBytesMax)
    throw new ProtocolError('undecodable_body', ['base64 of neither JSON nor zlib'])
  }
}

/** Base64 makes four bytes of three, and MIME a line of 76 of them: a sixteenth is room for the line breaks. */
function storedBytesMax(eventBytesMax: number): number {
  return Math.ceil((Math.ceil(eventBytesMax / 3) * 4 * 17) / 16)
}

function bounded(body: Buffer, eventBytesMax: number, bytesMax = eventBytesMax): Buffer {
  if (body.length > bytesMax) throw tooLarge(eventBytesMax)
  return body
}

function tooLarge(eventBytesMax: number): ProtocolError {
  return new ProtocolError('decoded_too_large', [`more than ${eventBytesMax} bytes`], 'event exceeds MAX_EVENT_BYTES')
}
