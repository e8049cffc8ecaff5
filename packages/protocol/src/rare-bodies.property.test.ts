import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attachmentsEnvelope } from './attachments-envelope.ts'
import { checkInEnvelope } from './check-in-envelope.ts'
import { decode, parseContentEncoding } from './content-encoding.ts'
import { parseEnvelope } from './envelope.ts'
import { parseEventId } from './event-id.ts'
import { ITEMS_MAX } from './limits.ts'
import { minidumpEnvelope } from './minidump-envelope.ts'
import { nelEnvelope } from './nel-envelope.ts'
import { ProtocolError } from './protocol-error.ts'
import { securityEnvelope } from './security-envelope.ts'
import { decodeStoreBody, openStoreBody, storeQueryBody } from './store-body.ts'
import { userReportEnvelope } from './user-report-envelope.ts'

const EVENT_ID = parseEventId('9ec79c33ec9942ab8353589fcb2e04dc') ?? expect.fail('a good id')
const RUNS = { seed: 20260203, numRuns: 1_000 }

/** Bytes that get past the first look of one endpoint or another, and then go wrong. */
// biome-ignore format: a line for each would take a page
const PIECES = [
  '{', '}', '[', ']', '"', ',', ':', '\n', '\r\n', '\0', '\ufeff', '\ud800', ' ', '=', '&', '+', '%', '%zz', '--b', '--b--',
  '"csp-report"', '"type"', '"csp-violation"', '"body"', '{}', 'null', '1e999', '"status"', '"ok"', '"monitor_config"',
  'status=ok', 'name=a&email=b&comments=c', '{"type":"event"}', '__proto__', '"length"', '"toString"', 'MDMP', 'PMDM',
  'Content-Disposition: form-data; name="upload_file_minidump"; filename="a"', 'Content-Disposition: form-data; name="sentry"',
  '{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}', 'eyJhIjoxfQ==', 'sentry__1', '[[[[', '\x1f\x8b', '(\xb5/\xfd',
] as const

const textual = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join('')))
const reports = fc.jsonValue({ maxDepth: 4 }).map((value) => Buffer.from(JSON.stringify(value)))
const multipart = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), textual), { maxLength: 6 })
  .map((parts) =>
    Buffer.concat(
      [...parts.flatMap(([header, bytes]) => [`--b\r\n${header}\r\n\r\n`, bytes, '\r\n']), '--b--'].map((piece) =>
        Buffer.from(piece),
      ),
    ),
  )
const bytes = fc.oneof(textual, reports, multipart, fc.uint8Array({ maxLength: 200 }).map(Buffer.from))
const body = fc.oneof(
  bytes,
  bytes.map((plain) => gzipSync(plain)),
  bytes.map((plain) => zstdCompressSync(plain)),
  bytes.map((plain) => brotliCompressSync(plain)),
  bytes.map((plain) => deflateSync(plain)),
  bytes.map((plain) => Buffer.from(plain.toString('base64'))),
)
const contentType = fc.constantFrom(
  null,
  '',
  'application/json',
  'application/reports+json',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  'application/x-sentry-envelope',
  'multipart/form-data; boundary=b',
  'multipart/form-data; boundary="',
)
const query = fc
  .array(fc.constantFrom(...PIECES, 'eventId=9ec79c33ec9942ab8353589fcb2e04dc', 'sentry[a]=b'), { maxLength: 6 })
  .map((pieces) => new URLSearchParams(pieces.join('&')))
const request = fc.record({ body, contentType, query, slug: fc.string({ maxLength: 60 }) })

interface Sent {
  body: Buffer
  contentType: string | null
  query: URLSearchParams
  slug: string
}

interface Endpoint {
  write: (sent: Sent) => Promise<Buffer> | Buffer
  /** A good body and its type: half of the runs send it with a fault in it. */
  body: string
  contentType: string
}

const file = 'Content-Disposition: form-data; name="upload_file_minidump"; filename="a"\r\n\r\nMDMP'
const text = 'Content-Disposition: form-data; name="sentry"\r\n\r\n{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}'
const form = { body: `--b\r\n${text}\r\n--b\r\n${file}\r\n--b--`, contentType: 'multipart/form-data; boundary=b' }

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  security: {
    write: (sent) => securityEnvelope({ ...sent, query: { release: sent.slug, environment: null }, eventId: EVENT_ID }),
    body: '[{"type":"csp-violation","body":{}},{"csp-report":{}},7]',
    contentType: 'application/reports+json',
  },
  nel: { write: nelEnvelope, body: '[{"type":"network-error"}]', contentType: 'application/json' },
  minidump: { ...form, write: async (sent) => (await minidumpEnvelope(sent)).envelope },
  attachments: { ...form, write: (sent) => attachmentsEnvelope({ ...sent, eventId: EVENT_ID }) },
  cron: {
    write: (sent) => checkInEnvelope({ ...sent, receivedAt: new Date(0) }),
    body: '{"status":"ok","duration":1,"monitor_config":{"schedule":[]}}',
    contentType: 'application/json',
  },
  feedback: {
    write: (sent) => userReportEnvelope(sent).envelope,
    body: 'name=a&email=b&comments=c',
    contentType: 'application/x-www-form-urlencoded',
  },
}

/** What was sent with a few bytes of it replaced by a piece. */
function faulty({ body: good, contentType: type }: Endpoint): fc.Arbitrary<Sent> {
  const query = new URLSearchParams('eventId=9ec79c33ec9942ab8353589fcb2e04dc')
  return fc.tuple(fc.nat(good.length), fc.nat(6), fc.constantFrom('', ...PIECES)).map(([at, cut, piece]) => ({
    body: Buffer.from(good.slice(0, at) + piece + good.slice(at + cut)),
    contentType: type,
    query,
    slug: 'nightly',
  }))
}

describe.each(Object.entries(ENDPOINTS))('whatever is sent to %s', (_name, endpoint) => {
  test('becomes an envelope that reads to its end, the same one each time, or a refusal', async () => {
    const counts = { written: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, faulty(endpoint)), async (sent) => {
        try {
          const envelope = await endpoint.write(sent)
          counts.written++
          const { items, fault } = parseEnvelope(envelope)
          expect(fault).toBeNull()
          expect(items.length).toBeLessThanOrEqual(ITEMS_MAX)
          expect(items.every(({ type }) => type !== '')).toBe(true)
          expect(await endpoint.write(sent)).toEqual(envelope)
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error
          counts.refused++
          expect([error.message, ...error.causes].every((line) => line.length < 300)).toBe(true)
        }
      }),
      RUNS,
    )
    // Neither ending may be so rare that nothing is shown.
    expect(Math.min(counts.written, counts.refused)).toBeGreaterThan(RUNS.numRuns / 20)
  }, 60_000)
})

test('whatever is sent to /store/ is an envelope, an event within its bound, or a refusal', () => {
  const header = fc.array(
    fc.constantFrom('gzip', 'x-gzip', 'deflate', 'BR', 'zstd', '', ' ', 'identity', '""', 'lzma'),
    {
      maxLength: 3,
    },
  )
  fc.assert(
    fc.property(request, header, fc.integer({ min: 0, max: 400 }), (sent, encodings, eventBytesMax) => {
      try {
        const codings = parseContentEncoding(encodings.join(' ,'))
        const opened = openStoreBody({ ...sent, codings, eventBytesMax })
        if (opened.kind === 'envelope') return
        expect(opened.json.length).toBeLessThanOrEqual(eventBytesMax)
        // The digest reads the archived body in two steps, and must come to the same.
        expect(decodeStoreBody(decode(sent.body, codings, 10_000), eventBytesMax)).toEqual(opened.json)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
      }
    }),
    { ...RUNS, numRuns: 1_500 },
  )
}, 60_000)

test('any text in a query is a body of bounded size', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(storeQueryBody(text).length).toBeLessThanOrEqual(text.length * 3)
    }),
    RUNS,
  )
})
