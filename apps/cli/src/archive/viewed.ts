import { isUtf8 } from 'node:buffer'
import type { WholeArchive } from '@rumen/db/archive/read-whole-archives'
import { parseEnvelope } from '@rumen/protocol/envelope'
import { parseEnvelopeHeader } from '@rumen/protocol/envelope-header'
import { HEADER_BYTES_MAX } from '@rumen/protocol/limits'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import type { JsonObject } from '@rumen/protocol/record'
import { decodeStoreBody } from '@rumen/protocol/store-body'

/** An item as it is shown. */
export interface ViewedItem {
  type: string
  headers: JsonObject
  bytes: number
  /** Text where it is one, cut where it is long; null: bytes. */
  text: string | null
  isCut: boolean
}

export interface ViewedArchive extends Omit<WholeArchive, 'body'> {
  storedBytes: number
  decodedBytes: number
  /** The first line of an envelope; null: it is none, or cannot be read. */
  header: string | null
  items: readonly ViewedItem[]
  /** Why not all of it could be taken apart. */
  fault: string | null
}

/** What a person reads of one item, and of all: whoever wants more takes the bytes. */
const ITEM_BYTES_MAX = 64 * 1024
const BYTES_MAX = 512 * 1024

/** An archive taken apart. Input makes nothing throw. */
export function viewArchive({ body, ...facts }: WholeArchive, bytes: Buffer): ViewedArchive {
  const sizes = { storedBytes: body?.length ?? 0, decodedBytes: bytes.length }
  return { ...facts, ...sizes, ...(facts.endpoint === 'store' ? viewEvent(bytes) : viewEnvelope(bytes)) }
}

type Parts = Pick<ViewedArchive, 'header' | 'items' | 'fault'>

function viewEvent(bytes: Buffer): Parts {
  try {
    const payload = decodeStoreBody(bytes, Math.max(bytes.length * 64, 1024))
    return { header: null, items: viewItems([{ type: 'event', headers: {}, payload }]), fault: null }
  } catch (error) {
    return unread(bytes, error)
  }
}

function viewEnvelope(bytes: Buffer): Parts {
  try {
    const { items, fault } = parseEnvelope(bytes)
    const { end } = parseEnvelopeHeader(bytes, HEADER_BYTES_MAX)
    return { header: bytes.toString('utf8', 0, end).trim(), items: viewItems(items), fault: fault?.message ?? null }
  } catch (error) {
    return unread(bytes, error)
  }
}

function unread(bytes: Buffer, error: unknown): Parts {
  if (!(error instanceof ProtocolError)) throw error
  const items = viewItems([{ type: '', headers: {}, payload: bytes }])
  return { header: null, items, fault: [error.message, ...error.causes].join(': ') }
}

function viewItems(items: readonly { type: string; headers: JsonObject; payload: Buffer }[]): readonly ViewedItem[] {
  let room = BYTES_MAX
  return items.map(({ type, headers, payload }) => {
    const shown = payload.subarray(0, Math.min(payload.length, ITEM_BYTES_MAX, room))
    const text = isText(payload) ? shown.toString('utf8') : null
    if (text !== null) room -= shown.length
    return { type, headers, bytes: payload.length, text, isCut: text !== null && shown.length < payload.length }
  })
}

/** NUL is legal UTF-8, and in no text. */
function isText(payload: Buffer): boolean {
  return isUtf8(payload) && !payload.includes(0)
}
