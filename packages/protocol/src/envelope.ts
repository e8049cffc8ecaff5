import { bufferOf, CR, LF, skipWhitespace } from './bytes.ts'
import { type EnvelopeHeader, parseEnvelopeHeader } from './envelope-header.ts'
import { readJsonHeader } from './json-header.ts'
import { HEADER_BYTES_MAX, ITEMS_MAX } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'
import type { JsonObject } from './record.ts'

/*
 * The grammar (Sentry envelope spec, and Relay where the spec is silent), over bytes, never over text:
 *   1. envelope = header *( LF item ) [ LF ];  item = item-header [ LF payload ]
 *   2. The terminator is a single LF. Before any header JSON white space is tolerated, so blank lines between items
 *      and any number of LFs at the end are fine, and a header may take several lines.
 *   3. Directly behind a header, and behind a payload of known length, only LF or the end may follow; ours: one CR
 *      before that LF, for envelopes that went through a Windows editor.
 *   4. With `length` the payload is exactly that many bytes, whatever they are.
 *   5. Without it (absent, null, or no unsigned integer) the payload ends at the next LF or the end; a CR stays in it.
 *   6. A header at the very end has an empty payload.
 *   7. An item header without a string `type` still has a payload: the item is kept with the type ''.
 *   8. Any other fault ends the parse, because where the next item begins is unknown; the items before it stand.
 */

export interface Item {
  /** Position in its envelope, from 0. */
  readonly index: number
  /** As sent; '' where the header has no string `type`. */
  readonly type: string
  readonly headers: JsonObject
  /** A view of the envelope's bytes. */
  readonly payload: Buffer
}

export interface Envelope {
  readonly header: EnvelopeHeader
  readonly items: readonly Item[]
  /** Why the parse ended before the end of the bytes. */
  readonly fault: ProtocolError | null
}

export interface EnvelopeLimits {
  readonly itemsMax: number
  /** Of the envelope's header, and of each item's. */
  readonly headerBytesMax: number
}

const ENVELOPE_LIMITS: EnvelopeLimits = { itemsMax: ITEMS_MAX, headerBytesMax: HEADER_BYTES_MAX }

/**
 * Takes decoded bytes apart into items, without copying payloads. Throws `empty_body`, `bad_envelope_header` and
 * `header_too_large` where no item can be trusted; everything later is `fault`: `bad_framing`, `bad_item_header`,
 * `header_too_large` or `too_many_items`.
 */
export function parseEnvelope(bytes: Uint8Array, limits: EnvelopeLimits = ENVELOPE_LIMITS): Envelope {
  if (bytes.length === 0) throw new ProtocolError('empty_body')
  const buffer = bufferOf(bytes)
  const { header, end } = parseEnvelopeHeader(buffer, limits.headerBytesMax)
  const items: Item[] = []
  try {
    let at = skipWhitespace(buffer, lineEnd(buffer, end)) // points 2, 3
    while (at < buffer.length) {
      if (items.length === limits.itemsMax) throw new ProtocolError('too_many_items', [`more than ${limits.itemsMax}`])
      at = skipWhitespace(buffer, readItem(buffer, at, limits.headerBytesMax, items)) // point 2
    }
    return { header, items, fault: null }
  } catch (error) {
    if (error instanceof ProtocolError) return { header, items, fault: error } // point 8
    throw error
  }
}

/** Appends the item that begins at `start`; answers where the next one may begin. */
function readItem(buffer: Buffer, start: number, headerBytesMax: number, items: Item[]): number {
  const { value: headers, end } = readJsonHeader(buffer, start, headerBytesMax, 'bad_item_header')
  const from = lineEnd(buffer, end) // points 3, 6
  const length = payloadLength(headers)
  const to = length === null ? nextLine(buffer, from) : from + length // points 4, 5
  if (to > buffer.length) throw new ProtocolError('bad_framing', ['unexpected end of file'])
  const next = length === null ? to : lineEnd(buffer, to) // point 3
  const type = typeof headers.type === 'string' ? headers.type : '' // point 7
  items.push({ index: items.length, type, headers, payload: buffer.subarray(from, to) })
  return next
}

/** Index behind the LF that must stand at `at`, or the length when the bytes end there. */
function lineEnd(buffer: Buffer, at: number): number {
  const lf = buffer[at] === CR && buffer[at + 1] === LF ? at + 1 : at
  if (lf < buffer.length && buffer[lf] !== LF) {
    throw new ProtocolError('bad_framing', ['missing newline after header or payload'])
  }
  return Math.min(lf + 1, buffer.length)
}

function nextLine(buffer: Buffer, from: number): number {
  const lf = buffer.indexOf(LF, from)
  return lf === -1 ? buffer.length : lf
}

/** `null` for a `length` that is none: SDKs that get it wrong send JSON on one line (point 5). */
function payloadLength({ length }: JsonObject): number | null {
  return Number.isInteger(length) && Number(length) >= 0 ? Number(length) : null
}
