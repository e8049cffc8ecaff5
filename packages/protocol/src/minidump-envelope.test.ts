import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseEnvelope } from './envelope.ts'
import { FORM_DATA_BYTES_MAX } from './limits.ts'
import { minidumpEnvelope } from './minidump-envelope.ts'

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const OTHER_ID = 'a'.repeat(32)
const DUMP = Buffer.from('MDMP\x93\xa7\0\0\r\n\xff', 'latin1')
const CRASHPAD = '---MultipartBoundary-q0vZ7hUeEpZbEkCBxlSTEuFZzuSfYzxE---'
const BREAKPAD = '------------------------d74496d66958873e'

interface Sent {
  name: string
  content: string | Buffer
  fileName?: string
}

/** A form as curl, Breakpad and Crashpad write it; a field without a file name is text. */
function form(parts: readonly Sent[], boundary = CRASHPAD): Buffer {
  const bytes = parts.flatMap(({ name, content, fileName }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`,
    fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: application/octet-stream`,
    '\r\n\r\n',
    content,
    '\r\n',
  ])
  return Buffer.concat([...bytes, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece)))
}

const dump = (content: string | Buffer = DUMP): Sent => ({ name: 'upload_file_minidump', content, fileName: 'a.dmp' })

async function read(
  body: Buffer,
  contentType: string | null = `multipart/form-data; boundary=${CRASHPAD}`,
  query = '',
) {
  const { envelope, eventId } = await minidumpEnvelope({ body, contentType, query: new URLSearchParams(query) })
  const { header, items, fault } = parseEnvelope(envelope)
  expect(fault).toBeNull()
  expect(header.eventId).toBe(eventId)
  return { eventId, items }
}

const idOf = async (...parts: readonly Sent[]) => (await read(form([...parts, dump()]))).eventId

describe('a crash reporter sends a form', () => {
  test('and all of it is kept: dump, files, fields in their order', async () => {
    const { items } = await read(
      form([
        { name: 'prod', content: 'Electron' },
        { name: 'sentry[release]', content: 'a@1' },
        dump(),
        { name: '__sentry-event', content: '\x80', fileName: '__sentry-event' },
        { name: 'b1', content: '\x90', fileName: '__sentry-breadcrumb1' },
        { name: '__sentry-breadcrumb2', content: '\x90', fileName: 'b2' },
        { name: 'view-hierarchy.json', content: '{}', fileName: 'view-hierarchy.json' },
        { name: 'log', content: 'started\n', fileName: 'app.log' },
        { name: 'prod', content: 'again \xff' },
      ]),
    )
    expect(items.map(({ type, headers }) => [type, headers.filename, headers.attachment_type])).toEqual([
      ['attachment', 'a.dmp', 'event.minidump'],
      ['attachment', '__sentry-event', 'event.payload'],
      ['attachment', '__sentry-breadcrumb1', 'event.breadcrumbs'],
      ['attachment', 'b2', 'event.breadcrumbs'],
      ['attachment', 'view-hierarchy.json', 'event.view_hierarchy'],
      ['attachment', 'app.log', undefined],
      ['form_data', undefined, undefined],
    ])
    expect(items[0]?.payload).toEqual(DUMP)
    expect(items[0]?.headers.content_type).toBe('application/octet-stream')
    expect(JSON.parse(items.at(-1)?.payload.toString() ?? '')).toEqual([
      ['prod', 'Electron'],
      ['sentry[release]', 'a@1'],
      ['prod', 'again ÿ'],
    ])
  })
  test('with any boundary, and the same crash is the same bytes', async () => {
    const parts = [{ name: 'a', content: 'b' }, dump()]
    const type = `multipart/form-data; boundary=${BREAKPAD}`
    const query = new URLSearchParams()
    const once = await minidumpEnvelope({ body: form(parts, BREAKPAD), contentType: type, query })
    const twice = await minidumpEnvelope({
      body: form(parts),
      contentType: `multipart/form-data; boundary="${CRASHPAD}"`,
      query,
    })
    expect(once).toEqual(twice)
    expect(once.eventId).toBeNull()
  })
  test('with a text of any length: what is too long for a field is kept as a file', async () => {
    const long = 'x'.repeat(FORM_DATA_BYTES_MAX)
    const { items } = await read(form([{ name: 'log', content: long }, dump(), { name: 'a', content: 'b' }]))
    expect(items.map(({ type, headers }) => [type, headers.filename])).toEqual([
      ['attachment', 'log'],
      ['attachment', 'a.dmp'],
      ['form_data', undefined],
    ])
    expect(items[0]?.payload.toString()).toBe(long)
  })
  test('with names of any length', async () => {
    const name = '\u0001'.repeat(9_000)
    const { items } = await read(
      form([dump(), { name, content: 'x', fileName: name }, { name: '', content: '', fileName: '' }]),
    )
    expect(items.map(({ headers }) => String(headers.filename).length)).toEqual([5, 255, 7])
  })
})

describe('the dump', () => {
  test.each([
    ['little-endian', DUMP],
    ['big-endian', Buffer.from('PMDM...')],
    ['in gzip', gzipSync(DUMP)],
    ['in zstd', zstdCompressSync(DUMP)],
    ['in xz, which node cannot undo', Buffer.from('fd377a585a000004', 'hex')],
    ['in bzip2, which node cannot undo', Buffer.from('BZh91AY&SY')],
  ])('%s is kept as it came', async (_name, bytes) => {
    const { items } = await read(form([dump(bytes)]))
    expect(items[0]?.payload).toEqual(bytes)
  })
  test.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['a cut magic', 'MDM'],
    ['magic elsewhere', ' MDMP'],
    ['gzip of something else', gzipSync('hello')],
    ['gzip of nothing', gzipSync('')],
    ['zstd of something else', zstdCompressSync(Buffer.from('hello'))],
    ['a cut gzip', gzipSync(DUMP).subarray(0, 5)],
    ['a broken zstd', Buffer.from('28b52ffdffffffffff', 'hex')],
    ['gzip of gzip', gzipSync(gzipSync(DUMP))],
  ])('that is %s is refused', async (_name, bytes) => {
    await expect(read(form([dump(bytes)]))).rejects.toMatchObject({
      code: 'invalid_minidump',
      message: 'invalid minidump',
    })
  })
  test('that is a bomb is not unfolded', async () => {
    const bomb = zstdCompressSync(Buffer.concat([DUMP, Buffer.alloc(64 * 1024 * 1024)]))
    const body = form([dump(bomb)])
    const start = process.threadCpuUsage()
    const { items } = await read(body)
    expect(process.threadCpuUsage(start).user).toBeLessThan(100_000) // µs; several times that to unfold it
    expect(items[0]?.payload).toEqual(bomb)
  })
  test.each([
    ['no part of its name', form([{ name: 'dump', content: DUMP, fileName: 'a.dmp' }])],
    ['a text in its place', form([{ name: 'upload_file_minidump', content: 'MDMP' }])],
    ['no part at all', form([])],
  ])('%s is a missing one', async (_name, body) => {
    await expect(read(body)).rejects.toMatchObject({ code: 'missing_minidump', message: 'missing minidump' })
  })
  test('a second one is a file like others', async () => {
    const { items } = await read(form([dump(), dump('what?')]))
    expect(items.map(({ headers }) => headers.attachment_type)).toEqual(['event.minidump', undefined])
  })
  test('may hold a form of its own, as old Electron SDKs send it', async () => {
    const inner = form([{ name: 'sentry[event_id]', content: ID }, dump()], BREAKPAD)
    const { items, eventId } = await read(form([{ name: 'a', content: 'b' }, dump(inner)]))
    expect(eventId).toBe(ID)
    expect(items.map(({ headers }) => headers.attachment_type)).toEqual(['event.minidump', undefined])
    expect(items[0]?.payload).toEqual(DUMP)
    expect(JSON.parse(items[1]?.payload.toString() ?? '')).toEqual([
      ['sentry[event_id]', ID],
      ['a', 'b'],
    ])
    await expect(read(form([dump(inner.subarray(0, -90))]))).rejects.toMatchObject({ code: 'bad_multipart' })
  })
})

describe('a dump alone', () => {
  test.each(['application/octet-stream', 'application/x-dmp', 'text/plain', null])('as %j', async (contentType) => {
    const { items, eventId } = await read(DUMP, contentType)
    expect(eventId).toBeNull()
    expect(
      items.map(({ type, headers, payload }) => [type, headers.filename, headers.attachment_type, payload]),
    ).toEqual([['attachment', 'Minidump', 'event.minidump', DUMP]])
  })
  test('may bring its metadata in the query', async () => {
    const query = `sentry_key=${OTHER_ID}&sentry[event_id]=${ID}&sentry[release]=a&other=1`
    const { items, eventId } = await read(DUMP, 'application/octet-stream', query)
    expect(eventId).toBe(ID)
    expect(JSON.parse(items[1]?.payload.toString() ?? '')).toEqual([
      ['sentry[event_id]', ID],
      ['sentry[release]', 'a'],
    ])
  })
  test('is refused when it is none', async () => {
    await expect(read(Buffer.from('{}'), 'application/json')).rejects.toMatchObject({ code: 'invalid_minidump' })
  })
})

describe('the event id is the one the crash reporter knows', () => {
  const json = JSON.stringify({ release: 'a', event_id: ID.toUpperCase() })
  const msgpack = Buffer.from(
    `\x82\xa8event_id\xd9\x24${`${ID}`.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}\xa1ax`,
    'latin1',
  )

  test.each<[string, readonly Sent[]]>([
    ['sentry', [{ name: 'sentry', content: json }]],
    ['sentry[event_id]', [{ name: 'sentry[event_id]', content: ID }]],
    [
      'its chunks, in any order',
      [10, 2, 1].map((n) => ({
        name: `sentry__${n}`,
        content: n === 1 ? json.slice(0, 9) : n === 2 ? json.slice(9, 30) : json.slice(30),
      })),
    ],
    ["Crashpad's event file", [{ name: '__sentry-event', content: msgpack, fileName: '__sentry-event' }]],
    [
      'sentry behind one that is no JSON',
      [
        { name: 'sentry', content: '{' },
        { name: 'sentry', content: json },
      ],
    ],
  ])('in %s', async (_name, parts) => {
    expect(await idOf(...parts)).toBe(ID)
  })
  test.each<[string, readonly Sent[]]>([
    ['no JSON', [{ name: 'sentry', content: '{"event_id":' }]],
    ['JSON of another kind', [{ name: 'sentry', content: `["${ID}"]` }]],
    ['an id that is none', [{ name: 'sentry', content: '{"event_id":"abc"}' }]],
    ['the nil id', [{ name: 'sentry[event_id]', content: '0'.repeat(32) }]],
    ['a chunk missing', [{ name: 'sentry__2', content: json.slice(9) }]],
    ['a cut event file', [{ name: '__sentry-event', content: msgpack.subarray(0, 30), fileName: 'x' }]],
    [
      'an event file that ends in the name',
      [{ name: '__sentry-event', content: msgpack.subarray(0, 11), fileName: 'x' }],
    ],
    ['a file that is no event', [{ name: 'log', content: msgpack, fileName: 'x' }]],
  ])('%s names none', async (_name, parts) => {
    expect(await idOf(...parts)).toBeNull()
  })
})
