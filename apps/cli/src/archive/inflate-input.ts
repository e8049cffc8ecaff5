import { createGunzip, createZstdDecompress } from 'node:zlib'
import { createFrameCutter, ZstdError } from './zstd-frames.ts'

/** The compressed data breaks off, or is none; all that could be read of it was. */
export class BrokenInputError extends Error {
  override readonly name = 'BrokenInputError'
}

const GZIP = '1f8b'
/** Of a frame; of one to be skipped, as some tools begin with. */
const ZSTD = /^(28b52ffd|5.2a4d18)/

/**
 * Input as it stands, or decompressed where its first bytes are those of gzip or zstd, of any number of members or frames. In constant
 * memory, and everything in front of a fault is given before BrokenInputError is thrown.
 */
export async function* inflateInput(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const input = beginningFirst(chunks)
  const { value: beginning } = await input.next()
  if (beginning === undefined) return
  const start = beginning.toString('hex', 0, 4)
  const all = restOf(beginning, input)
  if (start.startsWith(GZIP)) yield* inflateGzip(all)
  else if (ZSTD.test(start)) yield* inflateZstd(all)
  else yield* all
}

/** The first chunk has at least four bytes, where there are so many. */
async function* beginningFirst(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let beginning: Buffer | null = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes: Buffer = beginning === null ? chunk : Buffer.concat([beginning, chunk])
    beginning = beginning !== null && bytes.length < 4 ? bytes : null
    if (beginning === null) yield bytes
  }
  if (beginning !== null && beginning.length > 0) yield beginning
}

async function* restOf(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  yield first
  yield* rest
}

async function* inflateGzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const decoding = open(createGunzip())
  for await (const chunk of chunks) yield* feed(decoding, chunk)
  yield* feed(decoding, null)
}

async function* inflateZstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const cut = createFrameCutter()
  let decoding: Decoding | null = null
  for await (const chunk of chunks) {
    for (const { bytes, isEnd } of cutSafely(cut, chunk)) {
      decoding ??= open(createZstdDecompress())
      yield* feed(decoding, bytes)
      if (!isEnd) continue
      yield* feed(decoding, null)
      decoding = null
    }
  }
  if (decoding !== null) yield* feed(decoding, null)
}

function* cutSafely(cut: ReturnType<typeof createFrameCutter>, chunk: Buffer) {
  try {
    yield* cut(chunk)
  } catch (error) {
    if (error instanceof ZstdError) throw new BrokenInputError(error.message)
    throw error
  }
}

/** A decoder, and what it told last. */
interface Decoding {
  decoder: ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>
  hasFailed: boolean
  /** Called when there may be more of it, or nothing any more. */
  wake: () => void
}

function open(decoder: Decoding['decoder']): Decoding {
  const decoding: Decoding = { decoder, hasFailed: false, wake: () => {} }
  decoder.on('readable', () => decoding.wake())
  decoder.on('error', () => {
    decoding.hasFailed = true
    decoding.wake()
  })
  return decoding
}

/**
 * Gives the decoder a chunk, or its end (null), and gives what it makes of it. Not a pipe: where one breaks, what it had decoded already
 * is lost with it.
 */
async function* feed(decoding: Decoding, chunk: Buffer | null): AsyncGenerator<Buffer, void> {
  const { decoder } = decoding
  let isDone = false
  const onDone = () => {
    isDone = true
    decoding.wake()
  }
  if (chunk === null) decoder.once('end', onDone).end()
  else decoder.write(chunk, onDone)
  for (;;) {
    const woken = new Promise<void>((resolve) => (decoding.wake = resolve))
    const bytes: Buffer | null = decoder.read()
    if (bytes !== null) yield bytes
    else if (decoding.hasFailed) throw new BrokenInputError('the compressed data breaks off or was changed')
    else if (isDone) return
    else await woken
  }
}
