import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { ProtocolError } from './protocol-error.ts'

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd'

/** Measured on a 16 KB envelope: 30 µs with this, 40 with the default of 16 KiB, which needs two rounds and a copy. */
const CHUNK_BYTES = 32 * 1024
/** 16 MiB, the window brotli has at most without its large-window mode; zstd level 19 needs 8. */
const ZSTD_WINDOW_LOG_MAX = 24
/** A prefix that inflates this far past what is wanted is fed again in smaller portions. */
const PREFIX_OUTPUT_BYTES_MAX = 256 * 1024
/** The most that one more byte can release: a whole brotli meta-block. */
const BLOCK_BYTES_MAX = 17 * 1024 * 1024
/** Each frame costs a decoder of its own: a MiB of empty ones 5 s of CPU. pzstd makes two of each 4 MiB. */
const ZSTD_FRAMES_MAX = 256

interface Options {
  readonly chunkSize: number
  readonly maxOutputLength: number
  /** Stop quietly where the input stops, for a stream that was cut on purpose. */
  readonly partial?: boolean
}

/**
 * One coding undone, synchronously: node's asynchronous call costs more than it frees (measured 84 against 24 µs of
 * CPU). Throws `undecodable_body` for truncation, corruption and anything behind the end; `decoded_too_large`.
 */
export function inflate(coding: Coding, body: Buffer, decodedBytesMax: number): Buffer {
  const parts: Buffer[] = []
  let rest = body
  let room = decodedBytesMax
  // zstd frames may follow each other (RFC 8878); node decodes the first. Gzip members it joins itself.
  do {
    if (parts.length === ZSTD_FRAMES_MAX) throw new ProtocolError('undecodable_body', ['too many zstd frames'])
    const { bytes, consumed } = attempt(coding, rest, room)
    parts.push(bytes)
    rest = rest.subarray(consumed)
    room -= bytes.length
  } while (coding === 'zstd' && rest.length > 0)
  if (rest.length > 0) throw new ProtocolError('undecodable_body', [`data behind the end of the ${coding} stream`])
  const [only, ...others] = parts
  return only !== undefined && others.length === 0 ? only : Buffer.concat(parts)
}

/** What a beginning of a stream decodes to, or `null` when that is more than a beginning should hold. */
export function inflatePrefix(coding: Coding, prefix: Buffer, wanted: number, wholeBlock: boolean): Buffer | null {
  const maxOutputLength = wanted + (wholeBlock ? BLOCK_BYTES_MAX : PREFIX_OUTPUT_BYTES_MAX)
  const parts: Buffer[] = []
  let rest = prefix
  let missing = wanted
  try {
    // A first zstd frame may hold next to nothing: pzstd begins with one of no content that it skips.
    do {
      const { bytes, consumed } = run(coding, rest, { chunkSize: 4096, maxOutputLength, partial: true })
      parts.push(bytes)
      rest = rest.subarray(consumed)
      missing -= bytes.length
    } while (coding === 'zstd' && rest.length > 0 && missing > 0 && parts.length < ZSTD_FRAMES_MAX)
  } catch (error) {
    if (isTooLarge(error) && !wholeBlock) return null
    if (missing === wanted) throw asProtocolError(error, coding) // else what is broken lies behind a beginning
  }
  const [only, ...others] = parts
  return only !== undefined && others.length === 0 ? only : Buffer.concat(parts)
}

function attempt(coding: Coding, body: Buffer, room: number) {
  try {
    return run(coding, body, { chunkSize: CHUNK_BYTES, maxOutputLength: Math.max(room, 1) })
  } catch (error) {
    if (isTooLarge(error)) throw new ProtocolError('decoded_too_large')
    throw asProtocolError(error, coding)
  }
}

function run(coding: Coding, input: Buffer, { partial = false, ...limits }: Options) {
  const finishFlush = partial ? constants.Z_SYNC_FLUSH : constants.Z_FINISH
  switch (coding) {
    case 'gzip':
      return result(gunzipSync(input, { ...limits, finishFlush, info: true }))
    case 'deflate':
      return result((isZlib(input) ? inflateSync : inflateRawSync)(input, { ...limits, finishFlush, info: true }))
    case 'br': {
      const operation = partial ? constants.BROTLI_OPERATION_FLUSH : constants.BROTLI_OPERATION_FINISH
      const params = { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: false }
      return result(brotliDecompressSync(input, { ...limits, finishFlush: operation, params, info: true }))
    }
    case 'zstd': {
      const operation = partial ? constants.ZSTD_e_flush : constants.ZSTD_e_end
      const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX }
      return result(zstdDecompressSync(input, { ...limits, finishFlush: operation, params, info: true }))
    }
  }
}

/** `deflate` means zlib by the book and raw deflate by old habit; a zlib header gives itself away (RFC 1950). */
function isZlib(input: Buffer): boolean {
  const [first = 0, second = 0] = input
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
}

/**
 * With `info: true` node answers `{ buffer, engine }`, and `engine.bytesWritten` is the input it consumed (node:zlib);
 * the types know only the buffer.
 */
function result(answer: unknown): { bytes: Buffer; consumed: number } {
  const { buffer, engine } = answer as { buffer: Buffer; engine: { bytesWritten: number } }
  return { bytes: buffer, consumed: engine.bytesWritten }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

/** Errors of the decoder itself carry an `errno`; anything else is a bug and passes. */
function asProtocolError(error: unknown, coding: Coding): unknown {
  if (!(error instanceof Error && 'errno' in error)) return error
  return new ProtocolError('undecodable_body', [`not a whole ${coding} stream`])
}
