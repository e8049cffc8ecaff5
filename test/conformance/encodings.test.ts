import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  type InputType,
  zstdCompressSync,
} from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { archivedOf } from '../support/archived-of.ts'
import { type Case, conform, type Door, error, keyed } from '../support/conform.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// Content-Encoding (Sentry's protocol, compression): what is undone, what is passed through, what is refused and how.

const MiB = 1024 * 1024
const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const EVENT = `{"event_id":"${ID}"}\n{"type":"event"}\n{"message":"x","extra":{"text":"${noise(3_000)}"}}`

let stack: Stack
let door: Door

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  await stack.addWorker({ MAX_UNCOMPRESSED_PAYLOAD_BYTES: `${4 * MiB}` })
  door = { stack, project: await addProject(stack, 'Encodings') }
})

afterAll(() => stack?.stop())

type Bytes = Buffer<ArrayBuffer>
const encoded =
  (encoding: string, body: string | Bytes, rest = 'envelope/') =>
  (to: AddedProject) => ({
    path: keyed(to, rest),
    headers: { 'content-encoding': encoding },
    body,
  })

const stored = {
  status: 200,
  body: { id: ID },
  digest: { reports: [{ event_id: ID, title: 'x' }], errors: [], outcomes: { 'event stored': 1 } },
}
const ledgered = (code: string) => ({
  status: 200,
  digest: { reports: [], errors: [`envelope ${code}`], outcomes: { 'envelope rejected': 1 } },
})
const undecodable = { status: 400, body: error('invalid request body') }
const unknown = {
  status: 415,
  body: error('unsupported content encoding, use gzip, deflate, br or zstd'),
  headers: { 'accept-encoding': 'gzip, deflate, br, zstd' },
}

const CODINGS: readonly [name: string, header: string, encode: (input: InputType) => Bytes][] = [
  ['gzip', 'gzip', gzipSync],
  ['gzip of the fastest kind', 'gzip', (input) => gzipSync(input, { level: 1 })],
  ['x-gzip', 'x-gzip', gzipSync],
  ['deflate', 'deflate', deflateSync],
  ['raw deflate', 'deflate', deflateRawSync],
  ['br', 'br', brotliCompressSync],
  ['zstd', 'zstd', zstdCompressSync],
]

describe.each(CODINGS)('%s', (name, header, encode) => {
  const whole = encode(EVENT)
  // More than one block, so that its header is whole where its end is cut.
  const large = encode(`${EVENT}\n{"type":"attachment"}\n${noise(200_000)}`)
  const cases: readonly Case[] = [
    { name: `${name} is undone`, request: encoded(header, whole), ...stored },
    {
      name: `${name} is undone at store`,
      request: encoded(header, encode(`{"event_id":"${ID}","message":"x"}`), 'store/'),
      ...stored,
    },
    {
      name: `${name} with a cut end is in the ledger`,
      request: encoded(header, large.subarray(0, large.length - 100)),
      ...ledgered('undecodable_body'),
    },
    {
      name: `${name} with a cut end is refused at store, where all is decoded`,
      request: encoded(header, encode(noise(3_000)).subarray(0, 2_000), 'store/'),
      ...undecodable,
    },
    {
      name: `${name} with data behind its end is in the ledger`,
      request: encoded(header, Buffer.concat([whole, Buffer.from('more')])),
      ...ledgered('undecodable_body'),
    },
    { name: `${name} cut before its header is refused`, request: encoded(header, whole.subarray(0, 8)), status: 400 },
    { name: `${name} that is text is refused`, request: encoded(header, 'hello, not compressed at all'), status: 400 },
    { name: `${name} that is zeros is refused`, request: encoded(header, Buffer.alloc(64)), status: 400 },
    { name: `${name} that is plain in spite of its header is taken`, request: encoded(header, EVENT), ...stored },
    {
      name: `${name} of nothing is an empty body`,
      request: encoded(header, ''),
      status: 400,
      body: error('empty request body'),
    },
    {
      name: `${name} that unfolds beyond all bounds is in the ledger`,
      request: encoded(header, encode(`${EVENT}${' '.repeat(5 * MiB)}`)),
      ...ledgered('decoded_too_large'),
    },
    {
      name: `${name} that unfolds beyond all bounds is refused at store`,
      request: encoded(header, encode(`{"a":"${' '.repeat(2 * MiB)}"}`), 'store/'),
      status: 413,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('one coding for another is refused:', () => {
  const wrong: readonly [sent: string, said: string, body: Bytes][] = [
    ['gzip', 'br', gzipSync(EVENT)],
    ['gzip', 'zstd', gzipSync(EVENT)],
    ['gzip', 'deflate', gzipSync(EVENT)],
    ['zlib', 'gzip', deflateSync(EVENT)],
    ['br', 'gzip', brotliCompressSync(EVENT)],
    ['zstd', 'gzip', zstdCompressSync(EVENT)],
    ['zstd', 'br', zstdCompressSync(EVENT)],
    ['br', 'zstd', brotliCompressSync(EVENT)],
  ]
  test.each(wrong)('%s said to be %s', async (sent, said, body) => {
    await conform(door, { name: `${sent} ${said}`, request: encoded(said, body), status: 400 })
  })

  test('gzip said to be plain', async () => {
    await conform(door, {
      name: 'gzip',
      request: (to) => ({ path: keyed(to, 'envelope/'), body: gzipSync(EVENT) }),
      status: 400,
    })
  })
})

describe('a header that means no coding at all passes the body through:', () => {
  const spellings = ['', 'identity', 'Identity', 'utf-8', 'UTF-8', ' utf-8', ',', 'identity, identity']
  test.each(spellings)('%j', async (header) => {
    await conform(door, { name: `Plain ${header}`, request: encoded(header, EVENT), ...stored })
  })
})

describe('a coding may be spelt', () => {
  const spellings: readonly string[] = [
    'GZIP',
    'GZip',
    ' gzip ',
    'gzip,',
    ',gzip',
    'X-GZIP',
    'identity, gzip',
    'gzip, identity',
    'utf-8, gzip',
  ]
  test.each(spellings)('%j', async (header) => {
    await conform(door, { name: `Spelt ${header}`, request: encoded(header, gzipSync(EVENT)), ...stored })
  })
})

describe('codings may be applied one after the other:', () => {
  const chains: readonly [header: string, body: Bytes][] = [
    ['gzip, br', brotliCompressSync(gzipSync(EVENT))],
    ['br, gzip', gzipSync(brotliCompressSync(EVENT))],
    ['gzip, gzip', gzipSync(gzipSync(EVENT))],
    ['deflate,zstd', zstdCompressSync(deflateSync(EVENT))],
    ['zstd, deflate', deflateSync(zstdCompressSync(EVENT))],
  ]
  test.each(chains)('%s', async (header, body) => {
    await conform(door, { name: `Chain ${header}`, request: encoded(header, body), ...stored })
  })

  test('in the order they are named, in no other', async () => {
    await conform(door, {
      name: 'order',
      request: encoded('br, gzip', brotliCompressSync(gzipSync(EVENT))),
      status: 400,
    })
  })

  test('of two only the outer one may be missing', async () => {
    await conform(door, { name: 'Outer missing', request: encoded('gzip, br', EVENT), ...stored })
    await conform(door, { name: 'Inner missing', request: encoded('gzip, br', brotliCompressSync(EVENT)), ...stored })
  })
})

describe('streams of several parts are one body:', () => {
  const [first, second] = [EVENT.slice(0, 1_000), EVENT.slice(1_000)]
  const parts: readonly [what: string, header: string, body: Bytes][] = [
    ['members of gzip', 'gzip', Buffer.concat([gzipSync(first), gzipSync(second)])],
    ['frames of zstd', 'zstd', Buffer.concat([zstdCompressSync(first), zstdCompressSync(second)])],
  ]
  test.each(parts)('%s', async (what, header, body) => {
    await conform(door, { name: what, request: encoded(header, body), ...stored })
  })
})

describe('what nobody can undo is refused with what can be undone:', () => {
  const headers = [
    'rot13',
    'compress',
    'gzip;q=1',
    'gzip br',
    '*',
    'gzip, rot13',
    'rot13, gzip',
    'gzip, br, zstd',
    'gzip, gzip, gzip',
    'text/plain',
    'zlib',
    'aws-chunked',
  ]
  test.each(headers)('%j', async (header) => {
    await conform(door, { name: header, request: encoded(header, gzipSync(EVENT)), ...unknown })
  })
  test('at store as well', async () => {
    await conform(door, { name: 'store', request: encoded('rot13', '{}', 'store/'), ...unknown })
  })
})

describe('windows beyond 16 MiB cost no memory:', () => {
  const large = noise(1_000)
  const windows: readonly [what: string, header: string, body: Bytes][] = [
    [
      'of brotli',
      'br',
      brotliCompressSync(large, {
        params: { [constants.BROTLI_PARAM_LARGE_WINDOW]: 1, [constants.BROTLI_PARAM_LGWIN]: 30 },
      }),
    ],
    [
      'of zstd',
      'zstd',
      zstdCompressSync(large, { params: { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 } }),
    ],
  ]
  test.each(windows)('%s', async (what, header, body) => {
    await conform(door, { name: what, request: encoded(header, body), status: 400 })
  })
})

describe('the archive keeps', () => {
  const kept: readonly [what: string, headers: Record<string, string>, body: string | Bytes, encoding: string][] = [
    ['a plain body compressed', {}, EVENT, 'zstd'],
    ['a gzip body as it came', { 'content-encoding': 'gzip' }, gzipSync(EVENT), 'gzip'],
    ['a brotli body as it came', { 'content-encoding': 'br' }, brotliCompressSync(EVENT), 'br'],
    ['a body that claims no coding compressed', { 'content-encoding': 'utf-8' }, EVENT, 'zstd'],
    ['two codings by their names', { 'content-encoding': 'gzip,br' }, brotliCompressSync(gzipSync(EVENT)), 'gzip, br'],
  ]
  test.each(kept)('%s', async (what, headers, body, encoding) => {
    const own = await addProject(stack, what)
    await conform(
      { ...door, project: own },
      { name: what, request: (to) => ({ path: keyed(to, 'envelope/'), headers, body }), status: 200 },
    )
    const [archived] = await archivedOf(stack, own)
    expect(archived?.body.toString()).toBe(EVENT)
    expect(archived?.row).toMatchObject({ encoding, wire_bytes: Buffer.byteLength(body) })
    if (encoding !== 'zstd') expect(archived?.row.body).toEqual(body)
  })
})

/** Text that does not compress, the same in every run. */
function noise(chars: number): string {
  let state = 1
  return Array.from({ length: chars }, () => {
    state = (state * 48_271) % 2_147_483_647
    return String.fromCharCode(97 + (state % 26))
  }).join('')
}
