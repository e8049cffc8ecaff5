import * as zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  type Coding,
  compress,
  compressInPool,
  decode,
  decodeStart,
  POOL_BYTES_MIN,
  parseContentEncoding,
  STORED_CODING,
} from './content-encoding.ts'
import { inflate } from './inflate.ts'
import { ProtocolError } from './protocol-error.ts'

const BODY = Buffer.from(
  `{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}\n{"type":"event"}\n${JSON.stringify(
    Array.from({ length: 800 }, (_, i) => `line ${i} of ${(i * 7919) % 1009}`),
  )}`,
)
const MAX = 1_000_000

const ENCODE = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: (body) => zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }),
  zstd: zlib.zstdCompressSync,
} as const satisfies Record<Coding, (body: Buffer) => Buffer>
const CODINGS = Object.keys(ENCODE).filter((name): name is Coding => name in ENCODE)

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
  return 'no error'
}

describe('the Content-Encoding header', () => {
  test.each<[string | null | undefined, readonly Coding[]]>([
    [undefined, []],
    [null, []],
    ['', []],
    ['identity', []],
    ['utf-8', []],
    ['UTF-8', []],
    ['""', []],
    ['Identity', []],
    [' ', []],
    [',', []],
    ['\tX-GZIP\t', ['gzip']],
    ['utf-8, gzip', ['gzip']],
    ['gzip ,BR', ['gzip', 'br']],
    ['gzip,gzip', ['gzip', 'gzip']],
    [`${','.repeat(99)}zstd`, ['zstd']],
    ['gzip', ['gzip']],
    ['x-gzip', ['gzip']],
    [' GZIP ', ['gzip']],
    ['deflate', ['deflate']],
    ['br', ['br']],
    ['zstd', ['zstd']],
    ['gzip, br', ['gzip', 'br']],
    ['identity, gzip,', ['gzip']],
  ])('%j means %j', (header, codings) => {
    expect(parseContentEncoding(header)).toEqual(codings)
  })
  test.each([
    'compress',
    '*',
    'utf8',
    'gzip;q=1',
    '"gzip"',
    `${','.repeat(99)}lzma`,
    'gzip gzip',
    'constructor',
    'gzip, gzip, gzip',
  ])('%j is refused', (header) => {
    expect(codeOf(() => parseContentEncoding(header))).toBe('unknown_encoding')
  })
})

describe.each(CODINGS)('%s', (coding) => {
  const encoded = ENCODE[coding](BODY)

  test('a body comes back whole', () => {
    expect(decode(encoded, [coding], MAX)).toEqual(BODY)
    expect(decode(new Uint8Array(encoded), [coding], MAX)).toEqual(BODY)
  })
  test('the cap counts decoded bytes, to the byte', () => {
    expect(decode(encoded, [coding], BODY.length)).toEqual(BODY)
    expect(codeOf(() => decode(encoded, [coding], BODY.length - 1))).toBe('decoded_too_large')
    expect(codeOf(() => decode(encoded, [coding], 0))).toBe('decoded_too_large')
  })
  test('a bomb of 16 MiB is stopped at the cap', () => {
    const bomb = ENCODE[coding](Buffer.alloc(16 * 1024 * 1024))
    expect(codeOf(() => decode(bomb, [coding], 100_000))).toBe('decoded_too_large')
    expect(decodeStart(bomb, [coding], 512)).toEqual({ bytes: Buffer.alloc(512), complete: false })
  })
  test.each([1, 4, 9])('a stream cut by %i bytes is refused', (cut) => {
    expect(codeOf(() => decode(encoded.subarray(0, -cut), [coding], MAX))).toBe('undecodable_body')
  })
  test('data behind its end is refused', () => {
    expect(codeOf(() => decode(Buffer.concat([encoded, Buffer.from('garbage')]), [coding], MAX))).toBe(
      'undecodable_body',
    )
  })
  test('a body that is something else is refused, whole and at its start', () => {
    for (const body of ['garbage', 'x', '\x00\x00\x00\x00', '\xff\xff\xff\xff\xff']) {
      expect(codeOf(() => decode(Buffer.from(body, 'latin1'), [coding], MAX))).toBe('undecodable_body')
    }
    expect(codeOf(() => decodeStart(Buffer.from('garbage and more of it'), [coding], 100))).toBe('undecodable_body')
  })
  test('an empty body is named as one', () => {
    expect(codeOf(() => decode(Buffer.alloc(0), [coding], MAX))).toBe('empty_body')
    expect(codeOf(() => decodeStart(Buffer.alloc(0), [coding], 100))).toBe('empty_body')
  })
  test('a body a proxy has decoded already is read as it is', () => {
    expect(decode(BODY, [coding], MAX)).toEqual(BODY)
    expect(decodeStart(BODY, [coding], 10)).toEqual({ bytes: BODY.subarray(0, 10), complete: false })
  })
  test.each([1, 100, 512, 2000])('its first %i bytes are read without the rest', (bytesMax) => {
    expect(decodeStart(encoded, [coding], bytesMax)).toEqual({ bytes: BODY.subarray(0, bytesMax), complete: false })
  })
  test('asking for all of it or more says that it is complete', () => {
    expect(decodeStart(encoded, [coding], BODY.length)).toEqual({ bytes: BODY, complete: true })
    expect(decodeStart(encoded, [coding], BODY.length + 1)).toEqual({ bytes: BODY, complete: true })
    expect(decodeStart(encoded, [coding], BODY.length - 1).complete).toBe(false)
  })
  test.each(CODINGS)('%s around it is undone first', (outer) => {
    const twice = ENCODE[outer](encoded)
    expect(decode(twice, [coding, outer], MAX)).toEqual(BODY)
    expect(decodeStart(twice, [coding, outer], 300)).toEqual({ bytes: BODY.subarray(0, 300), complete: false })
  })
})

test('a cut stream still gives its beginning, the cut is found in the digest', () => {
  const cut = zlib.gzipSync(BODY).subarray(0, 1500)
  expect(decodeStart(cut, ['gzip'], 100).bytes).toEqual(BODY.subarray(0, 100))
})

test('gzip members and zstd frames may follow each other', () => {
  for (const coding of ['gzip', 'zstd'] as const) {
    const parts = [BODY.subarray(0, 1000), BODY.subarray(1000)]
    const joined = Buffer.concat(parts.map((part) => ENCODE[coding](part)))
    expect(decode(joined, [coding], BODY.length)).toEqual(BODY)
    expect(codeOf(() => inflate(coding, joined, BODY.length - 1))).toBe('decoded_too_large')
  }
})

test('a body that is too large is refused by the name of the setting', () => {
  for (const [body, codings] of [
    [BODY, []],
    [zlib.gzipSync(BODY), ['gzip']],
  ] as const) {
    expect(() => decode(body, codings, 100)).toThrow(
      expect.objectContaining({
        message: 'decompressed request body exceeds MAX_UNCOMPRESSED_PAYLOAD_BYTES',
        causes: ['more than 100 bytes'],
      }),
    )
    expect(() => decode(body, codings, 100, 'MAX_EVENT_BYTES')).toThrow(
      'decompressed request body exceeds MAX_EVENT_BYTES',
    )
  }
})

test('a header and its body agree on the order of a chain', () => {
  const body = zlib.brotliCompressSync(zlib.gzipSync(BODY))
  expect(decode(body, parseContentEncoding('GZip , Br'), MAX)).toEqual(BODY)
  expect(codeOf(() => decode(body, parseContentEncoding('br, gzip'), MAX))).toBe('undecodable_body')
})

test.each([0, 1, 100, 500])('a first gzip member of %i bytes hides nothing of the beginning', (cut) => {
  const body = Buffer.concat([zlib.gzipSync(BODY.subarray(0, cut)), zlib.gzipSync(BODY.subarray(cut))])
  expect(decodeStart(body, ['gzip'], 512)).toEqual({ bytes: BODY.subarray(0, 512), complete: false })
})

test.each([0, 1, 100, 500])('a first zstd frame of %i bytes hides nothing of the beginning', (cut) => {
  const skipped = Buffer.from('502a4d1804000000deadbeef', 'hex') // as pzstd begins
  const frames = [BODY.subarray(0, cut), BODY.subarray(cut)].map((part) => zlib.zstdCompressSync(part))
  const body = Buffer.concat([skipped, ...frames])
  expect(decodeStart(body, ['zstd'], 512)).toEqual({ bytes: BODY.subarray(0, 512), complete: false })
  expect(decode(body, ['zstd'], MAX)).toEqual(BODY)
})

test('a body of countless empty zstd frames is refused before they cost anything', () => {
  const body = Buffer.alloc(900_000, zlib.zstdCompressSync(Buffer.alloc(0)))
  const start = process.threadCpuUsage()
  expect(codeOf(() => decode(body, ['zstd'], MAX))).toBe('undecodable_body')
  expect(decodeStart(body, ['zstd'], 512).bytes).toHaveLength(0)
  expect(process.threadCpuUsage(start).user).toBeLessThan(1_000_000) // µs; many times that for all of them
})

test('deflate without its zlib header is understood too', () => {
  const raw = zlib.deflateRawSync(BODY)
  expect(decode(raw, ['deflate'], MAX)).toEqual(BODY)
  expect(decodeStart(raw, ['deflate'], 100).bytes).toEqual(BODY.subarray(0, 100))
})

test('a zstd or brotli stream that asks for a huge window is refused', () => {
  const wide = { params: { [zlib.constants.ZSTD_c_windowLog]: 27 } }
  const zstd = zlib.zstdCompressSync(Buffer.alloc(20 * 1024 * 1024, 'ab'), wide)
  expect(codeOf(() => decode(zstd, ['zstd'], MAX * 100))).toBe('undecodable_body')
  const params = { [zlib.constants.BROTLI_PARAM_LARGE_WINDOW]: 1, [zlib.constants.BROTLI_PARAM_LGWIN]: 28 }
  const brotli = zlib.brotliCompressSync(BODY, { params: { ...params, [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } })
  expect(codeOf(() => decode(brotli, ['br'], MAX))).toBe('undecodable_body')
})

test('a plain body is answered as a view, and is bounded too', () => {
  const decoded = decode(BODY, [], BODY.length)
  expect(decoded.buffer).toBe(BODY.buffer)
  expect(codeOf(() => decode(BODY, [], BODY.length - 1))).toBe('decoded_too_large')
})

test('what the gateway stores decodes to what came, and the same body gives the same bytes', () => {
  expect(decode(compress(BODY), [STORED_CODING], MAX)).toEqual(BODY)
  expect(compress(BODY)).toEqual(compress(Buffer.from(BODY)))
  expect(decode(compress(Buffer.from('x')), [STORED_CODING], MAX).toString()).toBe('x')
})

// Whole blocks of 128 KiB are what the two ways differ in by nature.
test.each([0, 1, 19 * 1024, POOL_BYTES_MIN, 2 ** 18 - 1, 2 ** 18, 2 ** 18 + 1, 2 ** 20, 10 * 2 ** 20])(
  'a body of %i bytes is stored as the same bytes, inline and in the pool',
  async (bytes) => {
    const body = Buffer.alloc(bytes, BODY)
    // A tenth of it is noise: a body that is all repetition takes another way through the compressor.
    for (let at = 0; at < bytes; at += 10) body[at] = Math.imul(at, 2_654_435_761) >>> 24
    const stored = compress(body)
    expect(stored.equals(await compressInPool(body))).toBe(true)
    expect(decode(stored, [STORED_CODING], bytes).equals(body)).toBe(true)
  },
  30_000,
)
