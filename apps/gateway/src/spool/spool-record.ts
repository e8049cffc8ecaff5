import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { PublicKey } from '@rumen/protocol/brand'
import type { Receipt } from '../keep/flush.ts'
import { readHead, writeHead } from './record-head.ts'

/** One answered request that waits on disk for the database. */
export interface SpoolRecord {
  receipt: Receipt
  /** The key of a sender nobody could be asked about, checked when the record is drained; null: it was checked. */
  publicKey: PublicKey | null
}

/**
 * A record on disk: marker (8 bytes), CRC-32 of all that follows it, length of the head, length of the body (4 bytes
 * each, little-endian), head (JSON), body.
 *
 * The marker is where reading starts again behind a damage. It is random and the segment's own: bodies are what strangers
 * sent, and a fixed one would let them put a record of another project's into theirs and wait for a damage in front of it.
 */
export const MARKER_BYTES = 8
const CRC_AT = MARKER_BYTES
const CHECKED_FROM = CRC_AT + 4
const BODY_LENGTH_AT = CHECKED_FROM + 4
const HEAD_AT = BODY_LENGTH_AT + 4

/** A record but for the marker of the segment it goes to. */
export interface EncodedRecord {
  /** Everything in front of the body. */
  start: Buffer
  body: Buffer
  /** Of both. */
  bytes: number
}

export function encodeRecord(record: SpoolRecord): EncodedRecord {
  const { body } = record.receipt.archive
  const head = writeHead(record)
  const start = Buffer.allocUnsafe(HEAD_AT + head.length)
  start.writeUInt32LE(head.length, CHECKED_FROM)
  start.writeUInt32LE(body.length, BODY_LENGTH_AT)
  head.copy(start, HEAD_AT)
  start.writeUInt32LE(crc32(body, crc32(start.subarray(CHECKED_FROM))), CRC_AT)
  return { start, body, bytes: start.length + body.length }
}

/** The pieces to be written to the segment with this marker. */
export function markRecord({ start, body }: EncodedRecord, marker: Buffer): readonly Buffer[] {
  marker.copy(start)
  return body.length === 0 ? [start] : [start, body]
}

/** The record that begins at `at`, its body a view of `bytes`, and where it ends; null when none that checks does. */
export function decodeRecord(bytes: Buffer, at: number, marker: Buffer): { record: SpoolRecord; end: number } | null {
  const end = claimedEnd(bytes, at, marker)
  if (end === null || end > bytes.length) return null
  if (crc32(bytes.subarray(at + CHECKED_FROM, end)) !== bytes.readUInt32LE(at + CRC_AT)) return null
  const bodyAt = at + HEAD_AT + bytes.readUInt32LE(at + CHECKED_FROM)
  const body = bytes.subarray(bodyAt, end)
  const record = readHead(bytes.subarray(at + HEAD_AT, bodyAt), body)
  if (!record?.receipt.archive.hash.equals(hash('sha256', body, 'buffer'))) return null
  return { record, end }
}

/** Whether the bytes from `at` on are the beginning of a record that was cut off: what a kill leaves of the last write. */
export function isCutRecord(bytes: Buffer, at: number, marker: Buffer): boolean {
  const rest = bytes.subarray(at)
  if (rest.length < HEAD_AT) return rest.subarray(0, MARKER_BYTES).equals(marker.subarray(0, rest.length))
  const end = claimedEnd(bytes, at, marker)
  return end !== null && end > bytes.length
}

/** Where a record at `at` says it ends, perhaps behind the last byte; null when there is no record. */
function claimedEnd(bytes: Buffer, at: number, marker: Buffer): number | null {
  const headAt = at + HEAD_AT
  if (headAt > bytes.length || !bytes.subarray(at, at + MARKER_BYTES).equals(marker)) return null
  return headAt + bytes.readUInt32LE(at + CHECKED_FROM) + bytes.readUInt32LE(at + BODY_LENGTH_AT)
}
