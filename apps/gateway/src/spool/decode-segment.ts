import { decodeRecord, isCutRecord, type SpoolRecord } from './spool-record.ts'

export type Decoded =
  | { kind: 'record'; record: SpoolRecord }
  /** `isCut`: only the beginning of a record, and nothing behind it. */
  | { kind: 'damage'; bytes: Buffer; isCut: boolean }

/**
 * The records of a segment in their order, and between them every stretch of bytes that is none. A damaged record never
 * costs another one: reading goes on at the next marker whose record checks.
 */
export function* decodeSegment(bytes: Buffer, marker: Buffer): Generator<Decoded, void> {
  let at = 0
  while (at < bytes.length) {
    const decoded = decodeRecord(bytes, at, marker)
    if (decoded) {
      yield { kind: 'record', record: decoded.record }
      at = decoded.end
      continue
    }
    const next = findRecord(bytes, at + 1, marker)
    const isCut = next === bytes.length && isCutRecord(bytes, at, marker)
    yield { kind: 'damage', bytes: bytes.subarray(at, next), isCut }
    at = next
  }
}

/** Where the next record that checks begins; the length when none does. */
function findRecord(bytes: Buffer, from: number, marker: Buffer): number {
  let at = bytes.indexOf(marker, from)
  while (at !== -1 && !decodeRecord(bytes, at, marker)) at = bytes.indexOf(marker, at + 1)
  return at === -1 ? bytes.length : at
}
