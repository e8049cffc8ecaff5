import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readEnvelopeHeader } from './envelope-header.ts'

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const KEY = 'e12d836b15bb49d7bbf99e64295d995b'
const HEADER = JSON.stringify({
  event_id: ID,
  sent_at: '2026-01-02T03:04:05.678Z',
  dsn: `https://${KEY}@sentry.example/42`,
  sdk: { name: 'sentry.javascript.node', version: '11.11.0' },
  trace: { trace_id: 'a'.repeat(32), public_key: KEY },
})
const READ = {
  eventId: ID,
  dsn: { publicKey: KEY, projectId: '42' },
  sentAt: new Date('2026-01-02T03:04:05.678Z'),
  sdk: { name: 'sentry.javascript.node', version: '11.11.0' },
}
const body = (header: string) => Buffer.from(`${header}\n{"type":"event"}\n${'{"x":1}'.repeat(5000)}`)

test('the header is read from plain and from encoded bodies', () => {
  expect(readEnvelopeHeader(body(HEADER), [], 1000)).toEqual(READ)
  expect(readEnvelopeHeader(gzipSync(body(HEADER)), ['gzip'], 1000)).toEqual(READ)
  expect(readEnvelopeHeader(zstdCompressSync(body(HEADER)), ['zstd'], 1000)).toEqual(READ)
})

test.each([100, 480, 511, 512, 513, 5000, 60_000])('a header of about %i bytes is read whole', (size) => {
  const header = `{"event_id":"${ID}","padding":"${'x'.repeat(size - 60)}"}`
  expect(readEnvelopeHeader(gzipSync(body(header)), ['gzip'], 65_536).eventId).toBe(ID)
})

test('a header past its bound is refused', () => {
  const endless = gzipSync(Buffer.from(`{"a":"${'x'.repeat(5_000_000)}`))
  expect(() => readEnvelopeHeader(endless, ['gzip'], 65_536)).toThrow(
    expect.objectContaining({ code: 'header_too_large' }),
  )
})

test('what follows the header does not matter at the door', () => {
  expect(readEnvelopeHeader(Buffer.from(`${HEADER}garbage`), [], 1000)).toEqual(READ)
  expect(readEnvelopeHeader(gzipSync(body(HEADER)).subarray(0, 600), ['gzip'], 1000)).toEqual(READ)
})

test('blank lines before the header are tolerated', () => {
  expect(readEnvelopeHeader(body(`\n\r\n ${HEADER}`), [], 1000)).toEqual(READ)
})

test('absent, null and nil ids mean that there is none', () => {
  for (const header of ['{}', '{"event_id":null,"dsn":null}', `{"event_id":"${'0'.repeat(32)}"}`]) {
    expect(readEnvelopeHeader(body(header), [], 1000)).toEqual({ eventId: null, dsn: null, sentAt: null, sdk: null })
  }
})

test.each(['"https://sentry.example/42"', '"nonsense"', '7', '{}'])('a dsn of %s is refused', (dsn) => {
  expect(() => readEnvelopeHeader(body(`{"dsn":${dsn}}`), [], 1000)).toThrow(
    expect.objectContaining({
      code: 'bad_envelope_header',
      causes: expect.arrayContaining(['invalid envelope header', 'bad sentry DSN']),
    }),
  )
})

test('a stream that ends inside its header is refused for its header', () => {
  expect(() => readEnvelopeHeader(gzipSync(Buffer.from('{"event_id":"9e')), ['gzip'], 1000)).toThrow(
    expect.objectContaining({ code: 'bad_envelope_header' }),
  )
})
