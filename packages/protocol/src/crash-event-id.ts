import type { EventId } from './brand.ts'
import { parseEventId } from './event-id.ts'
import type { Field } from './multipart-items.ts'
import type { Part } from './read-multipart.ts'
import { isRecord } from './record.ts'

const CHUNK = /^sentry__(\d{1,9})$/
/** `event_id` as a msgpack string of 8 bytes, and the mark of a string of up to 255, its length in the next byte. */
const MSGPACK_MEMBER = Buffer.from('\xa8event_id\xd9', 'latin1')

/**
 * The event id a crash reporter knows its crash by: in the field `sentry[event_id]`, in the JSON of `sentry` or of its
 * chunks `sentry__1`, `sentry__2` …, or in the msgpack of Crashpad's event file. `null` when none of them holds one.
 */
export function crashEventId(fields: readonly Field[], eventFiles: readonly Part[]): EventId | null {
  const named = fields.find(([name]) => name === 'sentry[event_id]')
  const texts = [...fields.filter(([name]) => name === 'sentry').map(([, value]) => value), joinChunks(fields)]
  const candidates = [
    parseEventId(named?.[1]),
    ...texts.map(idInJson),
    ...eventFiles.map(({ bytes }) => idInMsgpack(bytes)),
  ]
  return candidates.find((id) => id !== null) ?? null
}

/** Crashpad bounds a value's length, so that SDKs number the pieces of a long one. */
function joinChunks(fields: readonly Field[]): string {
  const chunks = new Map<number, string>()
  for (const [name, value] of fields) {
    const index = CHUNK.exec(name)?.[1]
    if (index !== undefined) chunks.set(Number(index), value)
  }
  return [...chunks]
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value)
    .join('')
}

function idInJson(text: string): EventId | null {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? parseEventId(value.event_id) : null
  } catch {
    return null // what the field says otherwise is the digest's to judge
  }
}

/** The first member of that name: sentry-native writes the id before all else. */
function idInMsgpack(bytes: Buffer): EventId | null {
  const at = bytes.indexOf(MSGPACK_MEMBER)
  const length = at === -1 ? undefined : bytes[at + MSGPACK_MEMBER.length]
  if (length === undefined) return null
  const start = at + MSGPACK_MEMBER.length + 1
  return parseEventId(bytes.toString('latin1', start, start + length))
}
