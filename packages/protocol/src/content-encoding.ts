import { constants, zstdCompressSync } from 'node:zlib'
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
/** Sent by sentry-ruby 5 (empty) and sentry.java.android 2.0.0 (`utf-8`): no coding at all. */
const NO_CODING: ReadonlySet<string> = new Set(['', 'identity', 'utf-8'])
const CODINGS_MAX = 2

/** What the gateway stores a plain body as. */
export const STORED_CODING: Coding = 'zstd'
/**
 * Pinned: an archive is addressed by the hash of its stored bytes, so the same body must give the same bytes. Measured
 * on a JSON event of 19 KB: level 1 58 µs and 3,681 bytes, level 3 96 µs and 3,635 bytes, gzip 6 186 µs and 3,434.
 */
const STORED_LEVEL = 1

/** Bodies SDKs really send are JSON, and none of the codings begins with its first byte (see README). */
const isPlain = (bytes: Uint8Array) => bytes[0] === OPEN_BRACE

/**
 * The codings of a `Content-Encoding` header in the order they were applied; empty for a plain body. Throws
 * `unknown_encoding`, also for more than two.
 */
export function parseContentEncoding(header: string | null | undefined): readonly Coding[] {
  const codings: Coding[] = []
  for (const part of (header ?? '').split(',', 32)) {
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
 * is plain: some proxies decompress and forget to say so. Throws `empty_body`, `undecodable_body`, `decoded_too_large`.
 */
export function decode(body: Uint8Array, codings: readonly Coding[], decodedBytesMax: number): Buffer {
  if (body.length === 0) throw new ProtocolError('empty_body')
  let bytes = bufferOf(body)
  for (const coding of codings.toReversed()) {
    if (isPlain(bytes)) break
    bytes = inflate(coding, bytes, decodedBytesMax)
  }
  if (bytes.length > decodedBytesMax) {
    throw new ProtocolError('decoded_too_large', [`more than ${decodedBytesMax} bytes`])
  }
  return bytes
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
  // The size said in advance spares zstd tables for a body of unknown length: 58 µs instead of 76.
  const params = { [constants.ZSTD_c_compressionLevel]: STORED_LEVEL }
  return zstdCompressSync(body, { params, pledgedSrcSize: body.length })
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
