import fc from 'fast-check'
import { checkInBody, commentBody, envelopeBody, type FuzzBody, formBody, reportBody, storeBody } from './bodies.ts'
import { encoded } from './encodings.ts'
import type { Framing, FuzzRequest } from './fuzz-request.ts'
import { mutatedText } from './mutations.ts'

/** The project that all of it is for: always the same, so that a request that was kept finds it again. */
export const FUZZ_PROJECT = { id: '4242', publicKey: 'f00dfacef00dfacef00dfacef00dface' } as const

const { id, publicKey } = FUZZ_PROJECT
/** The right one most of the time. */
const DSNS = [
  ...Array<string>(8).fill(`https://${publicKey}@errors.example.com/${id}`),
  `https://${publicKey}:secret@h/prefix/${id}`,
  `https://${'0'.repeat(32)}@h/1`,
  'https://h/1',
  '',
]

/** Each endpoint with the bodies that belong there. */
const ENDPOINTS: readonly (readonly [path: string, body: () => fc.Arbitrary<FuzzBody>])[] = [
  [`/api/${id}/envelope/`, () => envelopeBody(DSNS)],
  [`/api/${id}/envelope/`, () => envelopeBody(DSNS)],
  [`/api/${id}/envelope/`, () => envelopeBody(DSNS)],
  [`/api/${id}/store/`, storeBody],
  ['/api/store/', storeBody],
  [`/api/${id}/security/`, reportBody],
  [`/api/${id}/csp-report/`, reportBody],
  [`/api/${id}/nel/`, reportBody],
  [`/api/${id}/minidump/`, formBody],
  [`/api/${id}/events/${'a'.repeat(32)}/attachments/`, formBody],
  [`/api/${id}/cron/nightly/`, checkInBody],
  [`/api/${id}/cron/nightly/${publicKey}/`, checkInBody],
  ['/api/embed/error-page/', commentBody],
  [`/api/${id}/unreal/${publicKey}/`, formBody],
]

const line = fc
  .oneof(
    { weight: 9, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }) },
    fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  )
  .map((text) => text.replace(/[\r\n]/g, ''))
const target = (path: string) => {
  const spoilt = mutatedText(fc.constant(path)).map((text) => text.replace(/[ \r\n]/g, '%20'))
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(path) },
    fc.constantFrom(
      path.replaceAll('/', '//'),
      path.replace(/\/$/, ''),
      `/prefix${path}`,
      path.replace(id, '18446744073709551616'),
      path.toUpperCase(),
    ),
    spoilt,
  )
}

const DSN = encodeURIComponent(DSNS[0] ?? '')
const KNOWN_PAIRS = [
  `sentry_key=${publicKey}`,
  'sentry_version=7',
  'sentry_version=99',
  'sentry_client=a/1',
  'sentry_release=%00%ff',
  'sentry_environment=',
  'sentry_data=e30=',
  'sentry_data=eJyrrgUAAXUA%2Bg==',
  `dsn=${DSN}`,
  'eventId=1',
  'status=ok',
  'guid=0',
  '&',
  '%',
]
const pair = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...KNOWN_PAIRS) },
  mutatedText(fc.constantFrom(...KNOWN_PAIRS)),
)
const KEYED = `?sentry_key=${publicKey}&sentry_version=7&dsn=${DSN}`
const query = fc
  .oneof(
    { weight: 6, arbitrary: fc.constant(KEYED) },
    { weight: 2, arbitrary: fc.array(pair, { maxLength: 5 }).map((pairs) => `${KEYED}&${pairs.join('&')}`) },
    { weight: 2, arbitrary: fc.array(pair, { maxLength: 5 }).map((pairs) => `?${pairs.join('&')}`) },
  )
  .map((text) => text.replace(/[ \r\n]/g, '+'))

const AUTH = `Sentry sentry_version=7, sentry_client=sentry.fuzz/1.0, sentry_key=${publicKey}`
/** Headers and what SDKs, browsers and proxies put there. */
const KNOWN_HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['X-Sentry-Auth', [AUTH, `Sentry sentry_key=${publicKey}`, 'Sentry', '']],
  ['Authorization', [AUTH, 'Bearer x', 'Basic eA==']],
  ['X-Forwarded-For', ['127.0.0.1', '::1, unknown', '']],
  ['Forwarded', ['for=[::1];proto=https', 'for=unknown']],
  ['User-Agent', ['sentry.fuzz/1.0', '']],
  ['Origin', ['null', 'https://shop.example.com']],
  ['X-Request-Id', ['a-1', 'x'.repeat(200)]],
  ['Baggage', ['sentry-trace_id=1,sentry-release=a%20b']],
  ['Connection', ['close', 'keep-alive', 'upgrade', 'content-length']],
  ['Upgrade', ['h2c', 'websocket']],
  ['Expect', ['100-continue', 'something else']],
  ['TE', ['trailers']],
  ['Range', ['bytes=0-1']],
]
const header = fc
  .constantFrom(...KNOWN_HEADERS)
  .chain(([name, values]) =>
    fc.tuple(
      fc.constant(name),
      fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...values) }, mutatedText(fc.constantFrom(...values)), line),
    ),
  )
const headers = fc.oneof(
  { weight: 6, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.array(header, { maxLength: 5 }) },
)

const LIES = [
  '',
  'Content-Length: 0',
  'Content-Length: 100000',
  'Content-Length: -1',
  'Content-Length: 1e3',
  'Content-Length: 5\r\nContent-Length: 6',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 3',
  'no header at all',
  ' : ',
  '\0',
]
const framing = fc.oneof<fc.WeightedArbitrary<Framing>[]>(
  { weight: 12, arbitrary: fc.constant({ kind: 'length' }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('chunked'), bytesEach: fc.integer({ min: 7, max: 100_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('broken'), says: fc.oneof(fc.constantFrom(...LIES), line) }) },
)
const method = fc.oneof(
  { weight: 12, arbitrary: fc.constant('POST') },
  { weight: 3, arbitrary: fc.constantFrom('GET', 'OPTIONS', 'PUT', 'HEAD', 'DELETE', 'PATCH') },
  { weight: 1, arbitrary: line },
)

/** A request to one of the endpoints, sound in some parts and spoilt in others. */
export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc.constantFrom(...ENDPOINTS).chain(([path, body]) =>
  body().chain(({ bytes, contentType }) =>
    fc
      .record({
        method,
        target: fc.tuple(target(path), query).map((parts) => parts.join('')),
        headers,
        framing,
        encoding: encoded(fc.constant(bytes)),
      })
      .map(({ encoding: { payload, says }, ...rest }) => ({
        ...rest,
        headers: [
          ...rest.headers,
          ...(contentType === '' ? [] : [['Content-Type', contentType] as const]),
          ...(says === null ? [] : [['Content-Encoding', says] as const]),
        ],
        payload,
      })),
  ),
)
