import type { EventId } from './brand.ts'
import { bomLength, bufferOf, OPEN_BRACE, skipWhitespace } from './bytes.ts'
import { parseTimestamp } from './clock.ts'
import { type Coding, decodeStart } from './content-encoding.ts'
import { type Dsn, parseDsn } from './dsn.ts'
import type { NameVersion } from './event.ts'
import { isNilEventId, parseEventId } from './event-id.ts'
import { findObjectEnd, type JsonHeader, readJsonHeader } from './json-header.ts'
import { normaliseSdk } from './normalise-sdk.ts'
import { ProtocolError } from './protocol-error.ts'
import type { JsonObject } from './record.ts'

export interface EnvelopeHeader {
  readonly eventId: EventId | null
  readonly dsn: Dsn | null
  readonly sentAt: Date | null
  readonly sdk: NameVersion | null
}

/** Holds the header of nearly every envelope (300 to 600 bytes), so that one partial inflate does. */
const FIRST_BYTES = 512

/**
 * The header of an encoded envelope, decoding little more than the header. Throws `empty_body`, `undecodable_body`,
 * `header_too_large`, `bad_envelope_header`; whatever follows the header is not looked at.
 */
export function readEnvelopeHeader(
  body: Uint8Array,
  codings: readonly Coding[],
  headerBytesMax: number,
): EnvelopeHeader {
  for (let bytesMax = FIRST_BYTES; ; bytesMax *= 4) {
    const { bytes, complete } = decodeStart(body, codings, bytesMax)
    const start = skipWhitespace(bytes, bomLength(bytes))
    if (complete || bytes.length > headerBytesMax || !isCut(bytes, start)) {
      return parseEnvelopeHeader(bytes, headerBytesMax).header
    }
  }
}

/**
 * The header at the beginning of decoded bytes, and where it ends. A byte order mark and blank lines before it are
 * tolerated; a `sent_at` that is no time is ignored, because it is worth less than the event.
 */
export function parseEnvelopeHeader(
  bytes: Uint8Array,
  headerBytesMax: number,
): { header: EnvelopeHeader; end: JsonHeader['end'] } {
  const buffer = bufferOf(bytes)
  const start = skipWhitespace(buffer, bomLength(buffer))
  if (start === buffer.length) throw new ProtocolError('bad_envelope_header', ['missing envelope header'])
  const { value, end } = readJsonHeader(buffer, start, headerBytesMax, 'bad_envelope_header')
  const sentAt = parseTimestamp(value.sent_at)
  return {
    header: {
      eventId: headerEventId(value),
      dsn: headerDsn(value),
      sentAt: sentAt === null ? null : new Date(sentAt),
      sdk: normaliseSdk(value.sdk, null, null),
    },
    end,
  }
}

/** True where more bytes could still make a header of these. */
function isCut(bytes: Buffer, start: number): boolean {
  return start === bytes.length || (bytes[start] === OPEN_BRACE && findObjectEnd(bytes, start, bytes.length) === -1)
}

function headerEventId({ event_id: value }: JsonObject): EventId | null {
  if (value === undefined || value === null || isNilEventId(value)) return null
  const id = parseEventId(value)
  if (id === null) {
    throw new ProtocolError('bad_envelope_header', ['invalid envelope header', 'event_id is no UUID'])
  }
  return id
}

function headerDsn({ dsn: value }: JsonObject): Dsn | null {
  if (value === undefined || value === null) return null
  try {
    return parseDsn(typeof value === 'string' ? value : '')
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new ProtocolError('bad_envelope_header', ['invalid envelope header', error.message, ...error.causes])
  }
}
