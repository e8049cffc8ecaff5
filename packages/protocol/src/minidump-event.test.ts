import { encode } from '@msgpack/msgpack'
import { expect, test } from 'vitest'
import { type Item, parseEnvelope } from './envelope.ts'
import { parseEventId } from './event-id.ts'
import { BREADCRUMBS_MAX } from './limits.ts'
import { minidumpEnvelope } from './minidump-envelope.ts'
import { crashEvent } from './minidump-event.ts'
import { normaliseEvent } from './normalise-event.ts'

const RECEIPT = {
  eventId: parseEventId('9ec79c33ec9942ab8353589fcb2e04dc') ?? expect.fail('a good id'),
  receivedAt: new Date('2026-02-03T12:00:00Z'),
  sentAt: null,
  clientIp: null,
  userAgent: null,
  client: null,
}
const DUMP = Buffer.from('MDMP')

const attachment = (attachmentType: string, payload: Uint8Array | string): Item => ({
  index: 0,
  type: 'attachment',
  headers: { attachment_type: attachmentType },
  payload: Buffer.from(payload),
})
const form = (...fields: unknown[]): Item => ({
  index: 0,
  type: 'form_data',
  headers: {},
  payload: Buffer.from(JSON.stringify(fields)),
})
const payloadOf = (...items: Item[]) => crashEvent({ items }) ?? expect.fail('no crash')
const crumb = (second: number, message: string) => ({ timestamp: new Date(second * 1000).toISOString(), message })
const messagesOf = (payload: object) => JSON.stringify(payload).match(/(?<="message":")\w+/g)

test('a dump alone is a native crash', () => {
  const event = normaliseEvent(payloadOf(attachment('event.minidump', DUMP)), RECEIPT)
  expect(event).toMatchObject({ kind: 'error', level: 'fatal', platform: 'native', occurredAt: RECEIPT.receivedAt })
  expect(event.exceptions).toMatchObject([
    {
      type: 'Minidump',
      value: 'native crash',
      mechanism: { type: 'minidump', handled: false, synthetic: true },
    },
  ])
})

test('a crash happened when its dump was written', () => {
  const dump = Buffer.alloc(32)
  dump.write('MDMP')
  dump.writeUInt32LE(Date.parse('2026-02-01T00:00:00Z') / 1000, 20)
  const event = normaliseEvent(payloadOf(attachment('event.minidump', dump)), RECEIPT)
  expect(event.occurredAt).toEqual(new Date('2026-02-01T00:00:00Z'))
})

test('an upload of Crashpad, as the minidump endpoint keeps it, is one event', async () => {
  const part = (disposition: string, content: Uint8Array | string) => [
    `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`,
    content,
    '\r\n',
  ]
  const event = { release: 'app@1', tags: { a: 'file', c: 'file' }, platform: 'c', level: 'error' }
  const body = [
    part('name="upload_file_minidump"; filename="a.dmp"', DUMP),
    part('name="__sentry-event"; filename="__sentry-event"', encode(event)),
    part('name="__sentry-breadcrumb1"; filename="__sentry-breadcrumb1"', encode(crumb(1, 'first'))),
    part('name="__sentry-breadcrumb2"; filename="__sentry-breadcrumb2"', encode(crumb(2, 'second'))),
    part('name="sentry"', '{"environment":"prod","tags":{"b":"json","a":"json"}}'),
    part('name="sentry[tags][b]"', 'field'),
    part('name="guid"', '17'),
  ].flat()
  const { envelope } = await minidumpEnvelope({
    body: Buffer.concat([...body, '--b--'].map((piece) => Buffer.from(piece))),
    contentType: 'multipart/form-data; boundary=b',
    query: new URLSearchParams(),
  })
  const payload = crashEvent(parseEnvelope(envelope)) ?? expect.fail('no crash')
  expect(payload).toMatchObject({
    platform: 'native',
    level: 'error',
    release: 'app@1',
    environment: 'prod',
    tags: { a: 'json', b: 'field', c: 'file' },
    extra: { guid: '17' },
  })
  expect(messagesOf({ breadcrumbs: payload.breadcrumbs })).toEqual(['first', 'second'])
})

test('metadata in pieces is joined in the order of their numbers', () => {
  const fields = form(['sentry__2', ':"prod"}'], ['sentry__10', ''], ['sentry__1', '{"environment"'])
  expect(payloadOf(attachment('event.minidump', DUMP), fields)).toMatchObject({ environment: 'prod' })
})

test('the newest breadcrumbs of both files, oldest first', () => {
  const ring = (from: number, count: number) =>
    Buffer.concat(Array.from({ length: count }, (_, index) => encode(crumb(from + index, `m${from + index}`))))
  const items = [
    attachment('event.breadcrumbs', ring(100, 30)),
    attachment('event.breadcrumbs', encode(Array.from({ length: 100 }, (_, index) => crumb(index, `m${index}`)))),
    attachment('event.minidump', DUMP),
  ]
  const messages = messagesOf({ breadcrumbs: payloadOf(...items).breadcrumbs })
  expect(messages).toHaveLength(BREADCRUMBS_MAX)
  expect([messages?.[0], messages?.at(-1)]).toEqual(['m30', 'm129'])
})

test('a crash report of Apple is called by its exception', () => {
  const report = 'Process: App [1]\r\nException Type:  EXC_BAD_ACCESS (SIGSEGV)\r\nException Codes: 0\r\n'
  const event = normaliseEvent(payloadOf(attachment('event.applecrashreport', report)), RECEIPT)
  expect(event).toMatchObject({ level: 'fatal', platform: 'native' })
  expect(event.exceptions).toMatchObject([
    { type: 'AppleCrashReport', value: 'EXC_BAD_ACCESS (SIGSEGV)', mechanism: { type: 'applecrashreport' } },
  ])
  expect(payloadOf(attachment('event.applecrashreport', 'x'))).toMatchObject({
    exception: { values: [{ value: 'native crash' }] },
  })
})

test('an exception of the reporter stays', () => {
  const exception = { values: [{ type: 'SIGSEGV', value: 'x' }] }
  expect(
    payloadOf(attachment('event.minidump', DUMP), attachment('event.payload', encode({ exception }))),
  ).toMatchObject({
    exception,
  })
})

test('an event file without a dump is an event as it says', () => {
  const event = { platform: 'c', level: 'warning', message: 'x' }
  expect(payloadOf(attachment('event.payload', encode(event)))).toMatchObject(event)
})

test.each([
  ['nothing', []],
  ['a file of the user', [attachment('event.attachment', DUMP)]],
  ['form fields', [form(['sentry', '{"release":"a"}'])]],
  ['breadcrumbs', [attachment('event.breadcrumbs', encode(crumb(1, 'x')))]],
  ['an event file that is none', [attachment('event.payload', 'MDMP')]],
])('%s is no crash', (_, items) => {
  expect(crashEvent({ items })).toBeNull()
})

test.each([
  ['fields that are no JSON', { ...form(), payload: Buffer.from('[[') }],
  ['metadata that is no JSON', form(['sentry', '{'], ['sentry__1', 'NaN'])],
  ['fields that are no pairs', form('a', ['a'], ['a', 1], null)],
  ['hostile names', form(['sentry[__proto__][a]', 'b'], ['__proto__', 'c'], ['sentry[a]', '1'], ['sentry[a][b]', '2'])],
  ['an event file of gigabytes', attachment('event.payload', Buffer.from('ddffffffff', 'hex'))],
])('%s cost the crash nothing', (_, item) => {
  const payload = payloadOf(attachment('event.minidump', DUMP), item)
  expect(payload).toMatchObject({ platform: 'native', level: 'fatal' })
  expect(Object.getPrototypeOf(payload)).toBe(Object.prototype)
  expect('b' in payload).toBe(false)
})
