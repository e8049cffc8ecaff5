import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { multipart, type Part } from '../support/multipart.ts'
import { mutated } from './mutations.ts'

/** A body, before it is encoded, and what its Content-Type says of it. */
export interface FuzzBody {
  bytes: Buffer
  contentType: string
}

const bytesOf = (text: fc.Arbitrary<string>) => text.map((made) => Buffer.from(made))
const json = fc.json({ maxDepth: 4 })
const noise = fc.uint8Array({ maxLength: 512 })
const hexId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const eventId = fc.oneof(
  { weight: 12, arbitrary: hexId },
  fc.uuid(),
  hexId.map((id) => id.toUpperCase()),
  fc.constantFrom('', '0'.repeat(32), 'g'.repeat(32), null, 7, {}, [], '\u200b'),
)
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(-1, 0, 1e308, 2 ** 53, '', '\0', '\ud800', '__proto__'),
)
const SOME_YEARS = { min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }
const moment = mostly(
  fc.date(SOME_YEARS).map((date) => date.toISOString()),
  fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.double(),
    odd,
  ),
)

const frames = fc.array(fc.record({ filename: odd, function: odd, lineno: odd, in_app: odd }, { requiredKeys: [] }), {
  maxLength: 5,
})
const exception = fc.record(
  { type: odd, value: odd, stacktrace: fc.oneof(fc.record({ frames }), odd) },
  { requiredKeys: [] },
)
const event = fc.record(
  {
    event_id: eventId,
    timestamp: moment,
    level: odd,
    platform: odd,
    message: odd,
    exception: fc.oneof(fc.record({ values: fc.array(exception, { maxLength: 3 }) }), odd),
    tags: odd,
    user: odd,
    contexts: odd,
    extra: odd,
  },
  { requiredKeys: [] },
)
const eventJson = fc.oneof({ weight: 4, arbitrary: event.map((made) => JSON.stringify(made)) }, json)

const ITEM_TYPES = [
  'event',
  'transaction',
  'session',
  'sessions',
  'attachment',
  'check_in',
  'client_report',
  'user_report',
  'feedback',
  'span',
  'log',
  '',
  'EVENT',
]
const itemHeader = fc.record(
  {
    type: fc.oneof(fc.constantFrom(...ITEM_TYPES), odd),
    length: fc.oneof(fc.nat(300), odd),
    filename: odd,
    content_type: odd,
    item_count: odd,
  },
  { requiredKeys: [] },
)
const item = fc
  .tuple(
    itemHeader,
    fc.boolean(),
    fc.oneof(
      bytesOf(eventJson),
      noise.map((bytes) => Buffer.from(bytes)),
    ),
    fc.constantFrom('\n', '', '\r\n'),
  )
  .map(([header, isRight, payload, end]) => {
    const written = JSON.stringify(isRight ? { ...header, length: payload.length } : header)
    return Buffer.concat([Buffer.from(`${written}\n`), payload, Buffer.from(end)])
  })

/** `dsns`: what may stand in the envelope's header. */
export function envelopeBody(dsns: readonly string[]): fc.Arbitrary<FuzzBody> {
  const header = fc.record(
    { event_id: eventId, dsn: mostly(fc.constantFrom(...dsns), odd), sent_at: moment, sdk: odd, trace: odd },
    { requiredKeys: [] },
  )
  const whole = fc.tuple(
    fc.oneof({ weight: 20, arbitrary: header.map((made) => JSON.stringify(made)) }, json),
    fc.array(item, { maxLength: 4 }),
  )
  const bytes = whole.map(([first, items]) => Buffer.concat([Buffer.from(`${first}\n`), ...items]))
  return spoilt(fc.oneof({ weight: 20, arbitrary: bytes }, noise), [
    'application/x-sentry-envelope',
    'text/plain;charset=UTF-8',
    'application/json',
    '',
  ])
}

export function storeBody(): fc.Arbitrary<FuzzBody> {
  const plain = bytesOf(eventJson)
  const legacy = plain.map((bytes) => Buffer.from(deflateSync(bytes, { level: 1 }).toString('base64')))
  const form = plain.map((bytes) => Buffer.from(`sentry_data=${encodeURIComponent(bytes.toString())}`))
  return spoilt(fc.oneof(plain, plain, legacy, form, noise), [
    'application/json',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
  ])
}

const CSP = [
  'csp-report',
  'expect-ct-report',
  'expect-staple-report',
  'known-pins',
  'type',
  'body',
  'blocked-uri',
  'document-uri',
  'effective-directive',
]
const keyed = fc.dictionary(fc.constantFrom(...CSP), odd, { maxKeys: 4 })
const report = fc.dictionary(fc.constantFrom(...CSP), fc.oneof(keyed, odd), { maxKeys: 4 })
const TYPES = [
  'application/csp-report',
  'application/reports+json',
  'application/json',
  'application/expect-ct-report',
  'text/plain',
  '',
]

/** Security reports, and what browsers say of their network. */
export function reportBody(): fc.Arbitrary<FuzzBody> {
  const reports = fc.oneof(report, fc.array(report, { maxLength: 3 }))
  return spoilt(
    fc.oneof({ weight: 4, arbitrary: bytesOf(reports.map((made) => JSON.stringify(made))) }, bytesOf(json), noise),
    TYPES,
  )
}

const NAMES = [
  'upload_file_minidump',
  'sentry',
  'sentry[release]',
  'sentry[tags][a]',
  'sentry__1',
  'config.json',
  'a"b',
  '',
]
const dump = noise.map((bytes) => Buffer.concat([Buffer.from('MDMP\x93\xa7\0\0', 'latin1'), bytes]))
const part: fc.Arbitrary<Part> = fc.record(
  {
    name: fc.constantFrom(...NAMES),
    content: fc.oneof(dump, bytesOf(eventJson), noise),
    filename: fc.oneof(fc.constantFrom('dump.dmp', '', '../../etc', 'a"b'), fc.string({ maxLength: 10 })),
    type: fc.constantFrom('application/octet-stream', 'text/plain', 'application/json', ';'),
  },
  { requiredKeys: ['name', 'content'] },
)

/** Crash dumps: a form, or the dump alone; forms with attachments likewise. */
export function formBody(): fc.Arbitrary<FuzzBody> {
  const form = fc
    .tuple(fc.array(part, { maxLength: 5 }), fc.constantFrom('x-boundary', '-', 'a'.repeat(70)))
    .chain(([parts, boundary]) => {
      const { headers, body } = multipart(parts, boundary)
      return spoilt(fc.constant(body), [
        headers['content-type'],
        headers['content-type'],
        'multipart/form-data',
        'multipart/form-data; boundary=""',
        'multipart/form-data; boundary=other',
      ])
    })
  return fc.oneof(
    { weight: 3, arbitrary: form },
    spoilt(fc.oneof(dump, noise), ['application/x-dmp', 'application/octet-stream', '']),
  )
}

const CHECK_IN = fc.record(
  {
    status: mostly(fc.constantFrom('ok', 'in_progress', 'error'), odd),
    check_in_id: eventId,
    duration: mostly(fc.double({ min: 0, noNaN: true }), odd),
    environment: odd,
    monitor_config: odd,
  },
  { requiredKeys: ['status'] },
)
const COMMENT = fc.record({
  eventId: mostly(hexId, fc.string()),
  name: fc.string({ maxLength: 200 }),
  email: mostly(fc.emailAddress(), fc.string()),
  comments: fc.string(),
})

/** Check-ins as JSON. */
export function checkInBody(): fc.Arbitrary<FuzzBody> {
  const checkIn = bytesOf(CHECK_IN.map((made) => JSON.stringify(made)))
  return spoilt(mostly(checkIn, fc.oneof(bytesOf(json), noise, fc.constant(Buffer.alloc(0)))), ['application/json', ''])
}

/** Comments of users, as the embedded form posts them. */
export function commentBody(): fc.Arbitrary<FuzzBody> {
  const form = bytesOf(COMMENT.map((made) => new URLSearchParams(made).toString()))
  return spoilt(mostly(form, noise), ['application/x-www-form-urlencoded', ''])
}

function spoilt(bytes: fc.Arbitrary<Uint8Array>, types: readonly string[]): fc.Arbitrary<FuzzBody> {
  return fc.record({ bytes: mutated(bytes), contentType: fc.constantFrom(...types) })
}

function mostly<Good, Bad>(good: fc.Arbitrary<Good>, bad: fc.Arbitrary<Bad>): fc.Arbitrary<Good | Bad> {
  return fc.oneof<fc.WeightedArbitrary<Good | Bad>[]>({ weight: 7, arbitrary: good }, { weight: 1, arbitrary: bad })
}
