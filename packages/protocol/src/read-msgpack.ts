import { decodeMulti } from '@msgpack/msgpack'
import { MSGPACK_BYTES_MAX, MSGPACK_VALUES_MAX, NESTING_MAX } from './limits.ts'
import { isRecord } from './record.ts'

/**
 * The values that stand one after the other in msgpack, as JSON would have them: times are text, containers beyond
 * `NESTING_MAX` and what JSON does not know are null. Ends at the first fault and before `MSGPACK_VALUES_MAX`, of
 * elements too, are exceeded; nothing of what is longer than `MSGPACK_BYTES_MAX`. Total.
 */
export function readMsgpack(bytes: Buffer): readonly unknown[] {
  if (bytes.length > MSGPACK_BYTES_MAX) return []
  const values: unknown[] = []
  try {
    // Without its cache of keys, which is shared and would remember those of strangers.
    for (const value of decodeMulti(bytes.subarray(0, wholeLength(bytes)), { keyDecoder: null })) {
      values.push(asJson(value, NESTING_MAX))
    }
  } catch {
    return values // a key or an extension type that the decoder refuses
  }
  return values
}

/**
 * How many of the bytes are whole values, and not too many. The decoder makes room for as many elements as an array
 * announces, so that a few bytes could ask for gigabytes: it gets to see only arrays whose elements are all there.
 */
function wholeLength(bytes: Buffer): number {
  let end = 0
  let pending = 0
  let at = 0
  for (let count = 0; at < bytes.length && count < MSGPACK_VALUES_MAX; count++) {
    const { size, elements } = measure(bytes, at)
    at += size
    pending = Math.max(pending, 1) - 1 + elements
    if (at > bytes.length) return end
    if (pending === 0) end = at
  }
  return end
}

interface Measure {
  /** Of a head and the scalar behind it, in bytes; infinite for what is no msgpack. */
  readonly size: number
  /** Values that belong to a container and follow. */
  readonly elements: number
}

type Form =
  | { readonly size: number }
  | { readonly lengthBytes: number; readonly per: 'byte' | 'element' | 'pair'; readonly extra?: number }

/** From 0xc0 to 0xdf: a fixed size, or a length behind the head and what it counts (msgpack specification). */
const FORMS: readonly Form[] = [
  { size: 1 }, // nil
  { size: Number.POSITIVE_INFINITY }, // never used
  { size: 1 }, // false
  { size: 1 }, // true
  ...[1, 2, 4].map((lengthBytes): Form => ({ lengthBytes, per: 'byte' })), // bin
  ...[1, 2, 4].map((lengthBytes): Form => ({ lengthBytes, per: 'byte', extra: 1 })), // ext and its type
  ...[5, 9].map((size): Form => ({ size })), // float
  ...[2, 3, 5, 9].map((size): Form => ({ size })), // uint
  ...[2, 3, 5, 9].map((size): Form => ({ size })), // int
  ...[3, 4, 6, 10, 18].map((size): Form => ({ size })), // fixext
  ...[1, 2, 4].map((lengthBytes): Form => ({ lengthBytes, per: 'byte' })), // str
  ...[2, 4].map((lengthBytes): Form => ({ lengthBytes, per: 'element' })), // array
  ...[2, 4].map((lengthBytes): Form => ({ lengthBytes, per: 'pair' })), // map
]

function measure(bytes: Buffer, at: number): Measure {
  const head = bytes[at] ?? 0
  if (head < 0x80 || head >= 0xe0) return { size: 1, elements: 0 } // fixint
  if (head < 0x90) return { size: 1, elements: 2 * (head & 0x0f) } // fixmap
  if (head < 0xa0) return { size: 1, elements: head & 0x0f } // fixarray
  if (head < 0xc0) return { size: 1 + (head & 0x1f), elements: 0 } // fixstr
  const form = FORMS[head - 0xc0]
  if (form === undefined) return { size: Number.POSITIVE_INFINITY, elements: 0 }
  if ('size' in form) return { size: form.size, elements: 0 }
  const { lengthBytes, per, extra = 0 } = form
  if (at + 1 + lengthBytes > bytes.length) return { size: Number.POSITIVE_INFINITY, elements: 0 }
  const length = bytes.readUIntBE(at + 1, lengthBytes)
  if (per === 'byte') return { size: 1 + lengthBytes + extra + length, elements: 0 }
  return { size: 1 + lengthBytes, elements: per === 'pair' ? 2 * length : length }
}

function asJson(value: unknown, levels: number): unknown {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (levels === 0) return null
  if (Array.isArray(value)) return value.map((element) => asJson(element, levels - 1))
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return null // bytes, extension types
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asJson(member, levels - 1)]))
}
