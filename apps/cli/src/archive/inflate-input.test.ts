import { randomBytes } from 'node:crypto'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { BrokenInputError, inflateInput } from './inflate-input.ts'

/** Some of it is compressed to blocks of one byte, some not at all. */
const ONE = Buffer.concat([Buffer.from('one\n'.repeat(5_000)), Buffer.alloc(200_000), randomBytes(60_000)])
const TWO = Buffer.from('two\n'.repeat(1_000))
const CHECKED = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }
/** As pzstd and others put between frames. */
const SKIPPED = Buffer.concat([Buffer.from('5a2a4d1803000000', 'hex'), Buffer.from('abc')])
const EMPTY = zstdCompressSync(Buffer.alloc(0))

const FILES: readonly (readonly [name: string, file: Buffer])[] = [
  ['plain', Buffer.concat([ONE, TWO])],
  ['gzip', gzipSync(Buffer.concat([ONE, TWO]))],
  ['two members of gzip', Buffer.concat([gzipSync(ONE), gzipSync(TWO)])],
  ['zstd', zstdCompressSync(Buffer.concat([ONE, TWO]))],
  ['two frames of zstd', Buffer.concat([zstdCompressSync(ONE), zstdCompressSync(TWO)])],
  [
    'zstd with checksums, sizes, empty frames and frames to be skipped',
    Buffer.concat([
      ...[SKIPPED, EMPTY, zstdCompressSync(ONE, { ...CHECKED, pledgedSrcSize: ONE.length }), SKIPPED, SKIPPED],
      ...[zstdCompressSync(TWO, CHECKED), SKIPPED],
    ]),
  ],
]

async function* inPieces(file: Buffer, bytes: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < file.length; at += bytes) yield file.subarray(at, at + bytes)
}

async function inflated(file: Buffer, pieceBytes: number) {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of inflateInput(inPieces(file, pieceBytes))) chunks.push(chunk)
    return { bytes: Buffer.concat(chunks), error: null }
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error }
  }
}

describe.for([[13], [977], [65_536], [10_000_000]])('in pieces of %i bytes', ([pieceBytes = 13]) => {
  test.for(FILES)('%s is what was compressed', async ([, file]) => {
    const { bytes, error } = await inflated(file, pieceBytes)
    expect(error).toBeNull()
    expect(bytes.equals(Buffer.concat([ONE, TWO]))).toBe(true)
  })
})

test.for([
  ['gzip', gzipSync(ONE)],
  ['zstd', zstdCompressSync(ONE)],
] as const)('of %s that breaks off everything before it is there, and then it is an error', async ([, file]) => {
  const { bytes, error } = await inflated(file.subarray(0, -30_000), 4_096)
  expect(error).toBeInstanceOf(BrokenInputError)
  expect(bytes.length).toBeGreaterThan(200_000)
  expect(bytes.equals(ONE.subarray(0, bytes.length))).toBe(true)
})

test('what follows a frame and is none is an error behind it', async () => {
  const { bytes, error } = await inflated(Buffer.concat([zstdCompressSync(TWO), Buffer.from('hello')]), 4_096)
  expect([error instanceof BrokenInputError, bytes.equals(TWO)]).toEqual([true, true])
})

test('of nothing, and of next to nothing, there is nothing to undo', async () => {
  expect((await inflated(Buffer.alloc(0), 1)).bytes).toHaveLength(0)
  expect(`${(await inflated(Buffer.from('{}'), 1)).bytes}`).toBe('{}')
})
