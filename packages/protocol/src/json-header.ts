import { BACKSLASH, CLOSE_BRACE, OPEN_BRACE, QUOTE } from './bytes.ts'
import { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts'
import { isRecord, type JsonObject } from './record.ts'

export interface JsonHeader {
  readonly value: JsonObject
  /** Index just behind the closing brace. */
  readonly end: number
}

/**
 * Reads the JSON object that begins at `start`, however many lines it takes. Relay reads headers with a
 * streaming JSON reader, so that a pretty-printed one is legal; a search for the next LF would refuse it.
 * Throws `header_too_large` past `headerBytesMax`, else the given code.
 */
export function readJsonHeader(
  bytes: Buffer,
  start: number,
  headerBytesMax: number,
  code: Extract<ProtocolErrorCode, 'bad_envelope_header' | 'bad_item_header'>,
): JsonHeader {
  const cause = code === 'bad_envelope_header' ? 'invalid envelope header' : 'invalid item header'
  if (bytes[start] !== OPEN_BRACE) throw new ProtocolError(code, [cause, 'a header is one JSON object'])
  const end = findObjectEnd(bytes, start, Math.min(bytes.length, start + headerBytesMax))
  if (end === -1 && bytes.length - start > headerBytesMax) {
    throw new ProtocolError('header_too_large', [cause, `longer than ${headerBytesMax} bytes`])
  }
  if (end === -1) throw new ProtocolError(code, [cause, 'the JSON object does not end'])
  const value = parseObject(bytes.toString('utf8', start, end))
  if (value === null) throw new ProtocolError(code, [cause, 'not valid JSON'])
  return { value, end }
}

/** Index behind the brace that closes the one at `start`, or -1 when it is not closed before `endMax`. */
export function findObjectEnd(bytes: Uint8Array, start: number, endMax: number): number {
  let depth = 0
  let inString = false
  for (let at = start; at < endMax; at++) {
    const byte = bytes[at]
    if (inString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === OPEN_BRACE) depth++
    else if (byte === CLOSE_BRACE && --depth === 0) return at + 1
  }
  return -1
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}
