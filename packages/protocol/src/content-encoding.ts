import { constants, type ZstdOptions, zstdCompress, zstdCompressSync } from 'node:zlib'
import { bufferOf, OPEN_BRACE } from './bytes.ts'
import { type Coding, inflate, inflatePrefix } from './inflate.ts'
import { ProtocolError } from './protocol-error.ts'

export type { Coding }

const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
])
/**
 * Sent by sentry-ruby 5 (empty) and sentry.java.android 2.0.0 (`utf-8`): no coding at all. A pair of quotes is what an
 * empty value becomes in a client that quotes it.
 */
const NO_CODING: ReadonlySet<string> = new Set(['', '""', 'identity', 'utf-8'])
const CODINGS_MAX = 2

/** What the gateway stores a plain body as. */
export const STORED_CODING: Coding = 'zstd'
/**
 * Pinned: an archive is addressed by the hash of its stored bytes, so the same body must give the same bytes. Measured
 * on a JSON event of 19 KB: level 1 58 µs and 3,681 bytes, level 3 96 µs and 3,635 bytes, gzip 6 186 µs and 3,434.
 */
const STORED_LEVEL = 1
/** zstd of nothing, with its size. */
const EMPTY_FRAME = Buffer.from('28b52ffd2000010000', 'hex')
/**
 * From here on the pool is worth its while. Measured on JSON events, µs of the main thread, inline / pool: 19 KiB 65 / 100,
 * 64 KiB 110 / 100, 128 KiB 210 / 130, 256 KiB 440 / 190, 1 MiB 2,300 / 430. All threads together, the pool always costs
 * 100 µs more, so where it saves little it is not used.
 */
export const POOL_BYTES_MIN = 128 * 1024

/** Bodies SDKs really send are JSON, and none of the codings begins with its first byte (see README). */
const isPlain = (bytes: Uint8Array) => bytes[0] === OPEN_BRACE

/**
 * The codings of a `Content-Encoding` header in the order they were applied; empty for a plain body. Throws
 * `unknown_encoding`, also for more than two.
 */
export function parseContentEncoding(header: string | null | undefined): readonly Coding[] {
  const codings: Coding[] = []
  for (const part of (header ?? '').split(',')) {
    const name = part.trim().toLowerCase()
    if (NO_CODING.has(name)) continue
    const coding = CODINGS.get(name)
    if (coding === undefined) throw new ProtocolError('unknown_encoding')
    codings.push(coding)
  }
  if (codings.length > CODINGS_MAX) throw new ProtocolError('unknown_encoding', ['more than two codings'])
  return codings
}

/**
 * The whole decoded body, a view of `body` itself when it is plain. A body that begins with `{` in spite of its header
 * is plain: some proxies decompress and forget to say so. Throws `empty_body`, `undecodable_body`, and
 * `decoded_too_large` with the name of the setting that bounds it.
 */
export function decode(
  body: Uint8Array,
  codings: readonly Coding[],
  decodedBytesMax: number,
  setting: 'MAX_UNCOMPRESSED_PAYLOAD_BYTES' | 'MAX_EVENT_BYTES' = 'MAX_UNCOMPRESSED_PAYLOAD_BYTES',
): Buffer {
  if (body.length === 0) throw new ProtocolError('empty_body')
  try {
    const bytes = inflateAll(bufferOf(body), codings, decodedBytesMax)
    if (bytes.length <= decodedBytesMax) return bytes
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'decoded_too_large') throw error
  }
  const detail = `decompressed request body exceeds ${setting}`
  throw new ProtocolError('decoded_too_large', [`more than ${decodedBytesMax} bytes`], detail)
}

export interface Start {
  /** At most the number of bytes asked for. */
  readonly bytes: Buffer
  /** Nothing follows `bytes` in the decoded body, as far as it could be decoded. */
  readonly complete: boolean
}

/**
 * The first `bytesMax` bytes of the decoded body, inflating little more than those. A cut or oversized body is none of
 * its business. Throws `empty_body`, and `undecodable_body` when the beginning is not what it claims to be.
 */
export function decodeStart(body: Uint8Array, codings: readonly Coding[], bytesMax: number): Start {
  if (body.length === 0) throw new ProtocolError('empty_body')
  const whole = bufferOf(body)
  let read = (wanted: number): Start => startOf(whole, wanted, true)
  for (const coding of codings.toReversed()) {
    const source = read
    read = (wanted) => (isPlain(source(1).bytes) ? source(wanted) : inflateStart(coding, source, wanted))
  }
  return read(bytesMax)
}

/** The stored form of a plain body: `STORED_CODING` at a fixed level. Deterministic. */
export function compress(body: Uint8Array): Buffer {
  return zstdCompressSync(body, storedOptions(body))
}

/**
 * `compress`, byte for byte, on a thread of libuv's pool: for bodies of `POOL_BYTES_MIN` and more. Left to itself, node
 * says that the body has ended only after it: one of whole blocks (128 KiB) then gets an empty block more than inline.
 * So the end is said with the body, and the empty frame that the second end makes is taken off.
 */
export function compressInPool(body: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zstdCompress(body, { ...storedOptions(body), flush: constants.ZSTD_e_end }, (error, frames) => {
      if (error !== null) return reject(error)
      const end = frames.length - EMPTY_FRAME.length
      resolve(end > 0 && frames.subarray(end).equals(EMPTY_FRAME) ? frames.subarray(0, end) : frames)
    })
  })
}

function storedOptions(body: Uint8Array): ZstdOptions {
  // The size said in advance spares zstd tables for a body of unknown length: 58 µs instead of 76.
  return { params: { [constants.ZSTD_c_compressionLevel]: STORED_LEVEL }, pledgedSrcSize: body.length }
}

/** The codings undone, the last one first. */
function inflateAll(body: Buffer, codings: readonly Coding[], decodedBytesMax: number): Buffer {
  let bytes = body
  for (const coding of codings.toReversed()) {
    if (isPlain(bytes)) break
    bytes = inflate(coding, bytes, decodedBytesMax)
  }
  return bytes
}

function startOf(bytes: Buffer, wanted: number, complete: boolean): Start {
  return { bytes: bytes.subarray(0, wanted), complete: complete && bytes.length <= wanted }
}

/** Feeds growing prefixes until enough comes out; backs off when a prefix inflates past all measure. */
function inflateStart(coding: Coding, source: (wanted: number) => Start, wanted: number): Start {
  let tooShort = 0
  let tooLong = Number.POSITIVE_INFINITY
  let size = firstPrefix(coding, wanted)
  for (;;) {
    const prefix = source(size)
    const fed = prefix.bytes.length
    const bytes = inflatePrefix(coding, prefix.bytes, wanted, tooLong - tooShort <= 1)
    if (bytes === null) tooLong = fed
    else if (bytes.length >= wanted || prefix.complete) return startOf(bytes, wanted, prefix.complete)
    else tooShort = fed
    size = tooLong === Number.POSITIVE_INFINITY ? tooShort * 4 : Math.ceil((tooShort + tooLong) / 2)
  }
}

/** Enough for one call in the usual case: deflate gives bytes as it goes, the others only whole blocks. */
function firstPrefix(coding: Coding, wanted: number): number {
  return coding === 'gzip' || coding === 'deflate' ? wanted + 128 : wanted + 16 * 1024
}
