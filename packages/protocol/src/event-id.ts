import type { EventId } from './brand.ts'

const NIL = '0'.repeat(32)
const SIMPLE = /^[0-9a-f]{32}$/
/** The other spellings Relay's UUID reader takes: dashed, `{…}` and `urn:uuid:…`. */
const DASHED = /^(?:urn:uuid:|\{)?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}?$/

/**
 * An event id as an SDK writes it: 32 hexadecimal characters or a UUID, in any case. `null` for anything
 * else, and for the nil UUID: Relay takes that one, but an id that every event of a broken SDK shares
 * would make the digest drop all but the first as duplicates.
 */
export function parseEventId(value: unknown): EventId | null {
  const id = canonical(value)
  return id === NIL ? null : id
}

/** True for the nil UUID, which stands for "no id" rather than for a malformed one. */
export function isNilEventId(value: unknown): boolean {
  return canonical(value) === NIL
}

/**
 * The id of an event that came without one, made from its archive's hash so that the gateway's answer, the
 * digest and a later rumination agree. Shaped like a random UUID (version 4), which is what SDKs send.
 */
export function eventIdFromHash(hash: Uint8Array): EventId {
  if (hash.length < 16) throw new RangeError('an event id needs 16 bytes of hash')
  const bytes = Buffer.from(hash.subarray(0, 16))
  bytes[6] = 0x40 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return trusted(bytes.toString('hex'))
}

function canonical(value: unknown): EventId | null {
  if (typeof value !== 'string' || value.length > 45) return null
  const text = value.toLowerCase()
  if (SIMPLE.test(text)) return trusted(text)
  const parts = DASHED.exec(text)
  return parts === null ? null : trusted(parts.slice(1).join(''))
}

/** Brands text the caller has shown to be 32 lower-case hexadecimal characters. */
function trusted(hex: string): EventId {
  return hex as EventId
}
