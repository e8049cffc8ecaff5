import { inflateSync } from 'node:zlib'
import type { EventId } from './brand.ts'
import { bomLength, bufferOf, LF, OPEN_BRACE, skipWhitespace } from './bytes.ts'
import { isNilEventId, parseEventId } from './event-id.ts'
import { parseEventJson } from './event-json.ts'
import { findObjectEnd } from './json-header.ts'
import { HEADER_BYTES_MAX } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/
const ENVELOPE_TYPE = /^\s*application\/x-sentry-envelope\s*(?:;|$)/i

/**
 * The event's JSON in the body of `/store/`, after its `Content-Encoding` is undone: JSON as it is, base64 of JSON, or
 * base64 of zlib of JSON (raven sends the last). Throws `empty_body`, `undecodable_body`, `decoded_too_large`.
 */
export function decodeStoreBody(bytes: Uint8Array, eventBytesMax: number): Buffer {
  if (bytes.length === 0) throw new ProtocolError('empty_body')
  const body = bounded(bufferOf(bytes), eventBytesMax)
  if (startsObject(body)) return body
  const text = body.toString('latin1').replace(/\s+/g, '')
  if (!BASE64.test(text)) throw new ProtocolError('undecodable_body', ['neither JSON nor base64'])
  const binary = Buffer.from(text, 'base64')
  return startsObject(binary) ? binary : inflateStored(binary, eventBytesMax)
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

function bounded(body: Buffer, eventBytesMax: number): Buffer {
  if (body.length > eventBytesMax) throw tooLarge(eventBytesMax)
  return body
}

function tooLarge(eventBytesMax: number): ProtocolError {
  return new ProtocolError('decoded_too_large', [`more than ${eventBytesMax} bytes`], 'event exceeds MAX_EVENT_BYTES')
}
