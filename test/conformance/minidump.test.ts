import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { archivedOf } from '../support/archived-of.ts'
import { ask } from '../support/ask.ts'
import { type Case, conform, type Door, error, keyed } from '../support/conform.ts'
import { digestOf, itemRowsOf } from '../support/digest-of.ts'
import { multipart, type Part } from '../support/multipart.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { DUMP } from './routes.ts'

// Crashes of native programs (Sentry's protocol, minidump): the dump and what came with it are kept whole.

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

let stack: Stack
let door: Door

beforeAll(async () => {
  stack = await startStack()
  door = { stack, project: await addProject(stack, 'Dumps') }
})

afterAll(() => stack?.stop())

const dump = (content: string | Uint8Array = DUMP): Part => ({
  name: 'upload_file_minidump',
  filename: 'crash.dmp',
  content,
})
const form =
  (...parts: readonly Part[]) =>
  (to: AddedProject) => ({ path: keyed(to, 'minidump/'), ...multipart(parts) })
const raw = (body: Uint8Array<ArrayBuffer> | string, type: string | null) => (to: AddedProject) => ({
  path: keyed(to, 'minidump/'),
  headers: type === null ? {} : { 'content-type': type },
  body,
})

const taken = { status: 200, body: expect.stringMatching(UUID), headers: { 'content-type': /^text\/plain\b/ } }
const missing = { status: 400, body: error('missing minidump') }
const invalid = { status: 400, body: error('invalid minidump') }

describe('a dump is taken and answered its id with dashes', () => {
  const cases: readonly Case[] = [
    { name: 'in a form', request: form(dump()), ...taken },
    {
      name: 'in a form beside its metadata',
      request: form({ name: 'sentry', content: '{"release":"shop@1"}' }, dump()),
      ...taken,
    },
    {
      name: 'in a form, first or last',
      request: form(dump(), { name: 'sentry', content: '{}' }, { name: 'ver', content: '1' }),
      ...taken,
    },
    {
      name: 'in a form beside metadata that is no JSON',
      request: form({ name: 'sentry', content: '{broken' }, dump()),
      ...taken,
    },
    {
      name: 'in a form beside text that is no text',
      request: form({ name: 'note', content: Buffer.from([0xff, 0x80]) }, dump()),
      ...taken,
    },
    {
      name: 'written backwards',
      request: form(dump(Buffer.concat([Buffer.from('PMDM'), DUMP.subarray(4)]))),
      ...taken,
    },
    { name: 'in gzip', request: form(dump(gzipSync(DUMP))), ...taken },
    { name: 'in zstd', request: form(dump(zstdCompressSync(DUMP))), ...taken },
    { name: 'alone, as application/octet-stream', request: raw(DUMP, 'application/octet-stream'), ...taken },
    { name: 'alone, as application/x-dmp', request: raw(DUMP, 'application/x-dmp'), ...taken },
    { name: 'in a form inside its form', request: form(dump(multipart([dump()], 'inner-0815').body)), ...taken },
    {
      name: 'in a body that is compressed',
      request: (to) => ({
        ...raw(gzipSync(DUMP), null)(to),
        headers: { 'content-type': 'application/x-dmp', 'content-encoding': 'gzip' },
      }),
      ...taken,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('what holds no dump is refused:', () => {
  const cases: readonly Case[] = [
    { name: 'a form without one', request: form({ name: 'sentry', content: '{}' }), ...missing },
    {
      name: 'a form with a file of another name',
      request: form({ name: 'log', filename: 'a.log', content: 'abc' }),
      ...missing,
    },
    { name: 'a file that is none', request: form(dump('hello')), ...invalid },
    { name: 'an empty file', request: form(dump('')), status: 400 },
    { name: 'gzip of what is none', request: form(dump(gzipSync('hello'))), ...invalid },
    { name: 'a body that is none', request: raw('hello', 'application/octet-stream'), ...invalid },
    { name: 'an empty body', request: raw('', 'application/octet-stream'), status: 400 },
    {
      name: 'a form that is cut',
      request: (to) => ({ ...form(dump())(to), body: multipart([dump()]).body.subarray(0, 40) }),
      status: 400,
    },
    {
      name: 'a form without a boundary',
      request: (to) => ({ ...form(dump())(to), headers: { 'content-type': 'multipart/form-data' } }),
      status: 400,
    },
    { name: 'JSON', request: raw('{}', 'application/json'), status: 400 },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('of a crash is kept', () => {
  async function keptOf(name: string, ...parts: readonly Part[]) {
    const own = await addProject(stack, name)
    const answer = await ask(stack.gatewayUrl, form(...parts)(own))
    expect(answer.status, answer.text).toBe(200)
    const [archived] = await archivedOf(stack, own)
    if (!archived) expect.fail('nothing was archived')
    const file = (filename: string) => archived.items.find(({ headers }) => headers.filename === filename)
    return { own, answer, archived, file }
  }

  test('the dump, byte by byte, as an attachment of that type', async () => {
    const { archived, file } = await keptOf('Bytes', dump())
    expect(archived.row.endpoint).toBe('minidump')
    expect(file('crash.dmp')).toMatchObject({
      type: 'attachment',
      headers: { attachment_type: 'event.minidump' },
      payload: DUMP,
    })
  })

  test('every other file, by its name', async () => {
    const { file } = await keptOf('Files', dump(), {
      name: 'log',
      filename: 'last.log',
      type: 'text/plain',
      content: 'went under\n',
    })
    expect(String(file('last.log')?.payload)).toBe('went under\n')
    expect(file('last.log')?.headers).not.toMatchObject({ attachment_type: 'event.minidump' })
  })

  test.each([
    ['__sentry-event', 'event.payload'],
    ['__sentry-breadcrumb1', 'event.breadcrumbs'],
    ['__sentry-breadcrumb2', 'event.breadcrumbs'],
    ['view-hierarchy.json', 'event.view_hierarchy'],
  ])('the file %s, as the %s it is', async (name, attachmentType) => {
    const { file } = await keptOf(name, dump(), { name, filename: name, content: Buffer.from([0x80]) })
    expect(file(name)).toMatchObject({ type: 'attachment', headers: { attachment_type: attachmentType } })
  })

  const spellings: readonly [how: string, parts: readonly Part[]][] = [
    ['as one field', [{ name: 'sentry', content: '{"release":"shop@1.2","tags":{"a":"b"}}' }]],
    [
      'in brackets',
      [
        { name: 'sentry[release]', content: 'shop@1.2' },
        { name: 'sentry[tags][a]', content: 'b' },
      ],
    ],
    [
      'in numbered pieces, in any order',
      [
        { name: 'sentry__2', content: '"tags":{"a":"b"}}' },
        { name: 'sentry__1', content: '{"release":"shop@1.2",' },
      ],
    ],
  ]
  test.each(spellings)('the metadata, sent %s', async (how, parts) => {
    const { archived } = await keptOf(how, ...parts, dump())
    // Whatever item it is kept in: nothing of it is lost.
    const text = archived.items.map(({ payload }) => payload.toString('latin1')).join('\n')
    expect(text).toContain('shop@1.2')
    expect(text).toContain('tags')
  })

  test('other fields, too', async () => {
    const { archived } = await keptOf('Fields', { name: 'flavour', content: 'vanilla-0815' }, dump())
    expect(archived.body.toString('latin1')).toContain('vanilla-0815')
  })

  test('the id it was answered, which is the one its metadata names', async () => {
    const { answer, archived } = await keptOf('Named', { name: 'sentry', content: `{"event_id":"${ID}"}` }, dump())
    expect(answer.text.replaceAll('-', '')).toBe(ID)
    expect(archived.eventId).toBe(ID)
  })

  test('an id of its own where it names none', async () => {
    const { answer, archived } = await keptOf('Unnamed', dump())
    expect(answer.text.replaceAll('-', '')).toBe(archived.eventId ?? archived.headerEventId)
  })

  test('an event that nobody wrote, with what its metadata says, and the dump beside it', async () => {
    const { own } = await keptOf(
      'Digested',
      { name: 'sentry', content: `{"event_id":"${ID}","release":"shop@1.2"}` },
      dump(),
    )
    const { reports, errors, outcomes } = await digestOf(stack, own)
    expect(errors).toEqual([])
    expect(outcomes).toEqual({ 'minidump stored': 1, 'attachment stored': 1, 'form_data stored': 1 })
    expect(reports).toMatchObject([
      {
        ...{ event_id: ID, title: 'native crash', release: 'shop@1.2', platform: 'native', level: 'fatal' },
        ...{ exception_type: 'Minidump', exception_mechanism: 'minidump', handled: false },
      },
    ])
    expect(await itemRowsOf(stack, own, 'attachments')).toMatchObject([
      { event_id: ID, name: 'crash.dmp', attachment_type: 'event.minidump', size: DUMP.length },
    ])
  })
})

test('a compressed dump that unfolds to far more than dumps do is refused as too large', async () => {
  const { id, publicKey } = door.project
  const bomb = gzipSync(Buffer.concat([Buffer.from(DUMP), Buffer.alloc(20 * 1024 * 1024)]))
  const response = await fetch(`${stack.gatewayUrl}/api/${id}/minidump/?sentry_key=${publicKey}`, {
    method: 'POST',
    headers: { 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' },
    body: bomb,
  })
  expect([response.status, await response.json()]).toEqual([
    413,
    { detail: expect.any(String), causes: expect.any(Array) },
  ])
})
