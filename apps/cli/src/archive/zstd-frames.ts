/**
 * A piece of a zstd file: bytes of one frame, and whether it ends with them. Node's decoder takes one frame and passes over the rest
 * without a word, so whoever decodes a file of several must know where each ends.
 */
export interface FramePiece {
  bytes: Buffer
  isEnd: boolean
}

/** The bytes are no zstd. */
export class ZstdError extends Error {
  override readonly name = 'ZstdError'
}

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
const DICTIONARY_BYTES = [0, 1, 2, 4] as const
const SIZE_BYTES = [0, 2, 4, 8] as const

/** What comes next: a field of known length that is looked at, or bytes that are not. */
type Field = 'magic' | 'skip-size' | 'descriptor' | 'block' | 'content' | 'skipped'

/**
 * Cuts a zstd file (RFC 8878, section 3) into pieces of frames, whatever pieces it comes in; skippable frames are left out. A file that
 * was cut ends without `isEnd`.
 */
export function createFrameCutter(): (chunk: Buffer) => Iterable<FramePiece> {
  let field: Field = 'magic'
  let missing = 4
  let seen = Buffer.alloc(0)
  let [isLastBlock, hasChecksum] = [false, false]

  function expect(next: Field, bytes: number): void {
    field = next
    missing = bytes
    seen = Buffer.alloc(0)
  }

  /** The field is there as a whole; true where the frame ends with it. */
  function advance(): boolean {
    if (field === 'magic') {
      const magic = seen.readUInt32LE()
      if (magic === MAGIC) expect('descriptor', 1)
      else if ((magic & ~0xf) >>> 0 === SKIPPABLE) expect('skip-size', 4)
      else throw new ZstdError('no zstd frame begins here')
    } else if (field === 'skip-size') {
      expect('skipped', seen.readUInt32LE())
    } else if (field === 'descriptor') {
      hasChecksum = (seen.readUInt8() & 4) !== 0
      expect('content', headerBytes(seen.readUInt8()))
      isLastBlock = false
    } else if (field === 'block') {
      const header = seen.readUIntLE(0, 3)
      const kind = (header >> 1) & 3
      if (kind === 3) throw new ZstdError('a block of a kind that is reserved')
      isLastBlock = (header & 1) === 1
      expect('content', (kind === 1 ? 1 : header >> 3) + (isLastBlock && hasChecksum ? 4 : 0))
    } else if (field === 'content' && !isLastBlock) {
      expect('block', 3)
    } else {
      const isFrame = field === 'content'
      expect('magic', 4)
      return isFrame
    }
    return false
  }

  return function* cut(chunk) {
    let [at, from] = [0, 0]
    for (;;) {
      const taken = chunk.subarray(at, at + missing)
      const isInside = field === 'descriptor' || field === 'block' || field === 'content'
      if (field !== 'content' && field !== 'skipped') seen = Buffer.concat([seen, taken])
      at += taken.length
      missing -= taken.length
      if (!isInside) from = at
      if (missing > 0) break
      const isBegin = field === 'magic' && seen.readUInt32LE() === MAGIC
      // Whether they belong to a frame is known behind them, which may be in another chunk.
      if (isBegin) yield { bytes: seen, isEnd: false }
      if (advance()) {
        yield { bytes: chunk.subarray(from, at), isEnd: true }
        from = at
      }
    }
    if (at > from) yield { bytes: chunk.subarray(from, at), isEnd: false }
  }
}

/** Of a frame's header behind its descriptor. */
function headerBytes(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >> 6
  const size = sizeFlag === 0 ? (isSingle ? 1 : 0) : (SIZE_BYTES[sizeFlag] ?? 0)
  return (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + size
}
