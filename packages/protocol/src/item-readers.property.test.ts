import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Item } from './envelope.ts'
import { parseEventId } from './event-id.ts'
import { parseEventJson } from './event-json.ts'
import { BREADCRUMBS_MAX, INTEGER_MAX, LOGS_MAX, TAGS_MAX, TEXT_LIMITS } from './limits.ts'
import { crashEvent } from './minidump-event.ts'
import { normaliseEvent } from './normalise-event.ts'
import { ProtocolError } from './protocol-error.ts'
import { readAttachment } from './read-attachment.ts'
import { readCheckIn } from './read-check-in.ts'
import { readClientReport } from './read-client-report.ts'
import { readFeedback, readUserReport } from './read-feedback.ts'
import { readLogs } from './read-logs.ts'
import { readMsgpack } from './read-msgpack.ts'
import { readTransaction } from './read-transaction.ts'
import { isRecord, type JsonObject } from './record.ts'
import { securityEvent } from './security-event.ts'

const RUNS = { seed: 20260304, numRuns: 300 }
const RECEIPT = {
  eventId: parseEventId('9ec79c33ec9942ab8353589fcb2e04dc') ?? expect.fail('a good id'),
  receivedAt: new Date('2026-02-03T12:00:00Z'),
  sentAt: new Date('2026-02-03T14:00:00Z'),
  clientIp: null,
  userAgent: null,
  client: null,
}

const KEYS = (
  'transaction contexts trace trace_id op status start_timestamp timestamp release environment tags monitor_slug check_in_id ' +
  'duration feedback message contact_email name email comments url source associated_event_id event_id request discarded_events ' +
  'filtered_events reason category quantity filename content_type attachment_type csp-report expect-ct-report known-pins type body ' +
  'blocked-uri effective-directive violated-directive document-uri blockedURL hostname port date-time user_agent items level ' +
  'severity_number attributes value sentry.message.template sentry.message.parameter.0 user.id exception values breadcrumbs extra ' +
  'sentry_release __proto__ constructor length'
).split(' ')
// biome-ignore format: a line for each would take a page
const LEAVES = [
  null, true, '', ' ', 'x', 'ok', 'in_progress', 'error', 'script-src', 'inline', 'https://u:p@h/?token=1', 'csp-violation', '\0',
  '\ud800', '\ud83d\ude00'.repeat(300), 'x'.repeat(9_999), '../a', 'a/b', '%s %(__proto__)s {} {0}', '9ec79c33ec9942ab8353589fcb2e04dc',
  0, -1, 1.5, 1.7e9, 1.7e12, 1e300, 2 ** 31, '2026-02-03T12:00:00Z',
]

const { payload } = fc.letrec<{ json: unknown; payload: JsonObject }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom<unknown>(...LEAVES),
    tie('payload'),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.jsonValue({ maxDepth: 2 }),
  ),
  payload: fc
    .array(fc.tuple(fc.constantFrom(...KEYS), tie('json')), { minLength: 1, maxLength: 8 })
    .map((entries): JsonObject => Object.fromEntries(entries)),
}))

/** All of it: text that PostgreSQL can keep, of `longest` code points at most, numbers and dates that are some. */
function isClean(value: unknown, longest: number): boolean {
  if (typeof value === 'string') {
    return Array.from(value).length <= longest && value.isWellFormed() && !value.includes('\0')
  }
  if (typeof value === 'number') return Number.isFinite(value)
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  return typeof value !== 'object' || value === null || Object.values(value).every((member) => isClean(member, longest))
}

/** Null where the reader refuses the item, which only a `ProtocolError` may do. */
function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}

/** Half of them in the place where the reader looks. */
const within = (wrap: (value: JsonObject) => JsonObject) => fc.oneof(payload, payload.map(wrap))

// biome-ignore format: a table
const READERS: readonly (readonly [name: string, sent: fc.Arbitrary<JsonObject>, read: (sent: JsonObject) => unknown])[] = [
  ['a transaction', within((trace) => ({ ...trace, contexts: { trace } })), (sent) => readTransaction(sent, RECEIPT)],
  ['a check-in', within((sent) => ({ monitor_slug: 'x', status: 'ok', ...sent })), readCheckIn],
  ['a user report', within((sent) => ({ ...sent, comments: 'x'.repeat(9_999) })), readUserReport],
  ['a feedback', within((sent) => ({ contexts: { feedback: { message: 'x', ...sent } } })), readFeedback],
  ['a client report', within((sent) => ({ discarded_events: [sent, sent, { ...sent, quantity: 2 ** 31 }] })), readClientReport],
  ['an attachment', payload, (headers) => readAttachment({ headers, payload: Buffer.of() })],
]

test.each(READERS)('whatever is sent as %s is refused or kept within limits', (_, sent, read) => {
  fc.assert(
    fc.property(sent, (value) =>
      isClean(
        attempt(() => read(value)),
        TEXT_LIMITS.comments.charsMax,
      ),
    ),
    RUNS,
  )
})

test('a duration is a number of a day or so, a quantity a positive one', () => {
  fc.assert(
    fc.property(payload, (sent) => {
      const { durationMs, startedAt, finishedAt } = readTransaction(sent, RECEIPT)
      expect(durationMs >= 0 && durationMs <= INTEGER_MAX).toBe(true)
      expect(finishedAt.getTime() - startedAt.getTime()).toBe(durationMs)
      for (const { quantity } of readClientReport({ discarded_events: [sent, { ...sent, quantity: 1.5 }] })) {
        expect(Number.isInteger(quantity) && quantity > 0 && quantity <= INTEGER_MAX).toBe(true)
      }
    }),
    RUNS,
  )
})

test('whatever is sent as a security report is refused or makes an event with a message and a fingerprint', () => {
  const sent = within((body) => ({ 'csp-report': body, 'known-pins': [], hostname: body.name }))
  fc.assert(
    fc.property(sent, payload, (report, headers) => {
      const made = attempt(() => securityEvent(report, headers))
      if (made === null) return
      const event = normaliseEvent(made, RECEIPT)
      expect(event.message?.formatted).toMatch(/^(?:Blocked|Expect-CT|Public key) ?./)
      expect(event.fingerprint.length).toBeGreaterThan(1)
      expect(isClean(made.fingerprint, TEXT_LIMITS.tagValue.charsMax)).toBe(true)
    }),
    RUNS,
  )
})

test('whatever is sent as logs makes as many events at most', () => {
  const sent = within((record) => ({ items: [record, { attributes: record }] }))
  fc.assert(
    fc.property(sent, (container) => {
      const { logs, cut } = readLogs(container)
      expect(logs.length).toBeLessThanOrEqual(LOGS_MAX)
      expect(logs.length + cut).toBe(Array.isArray(container.items) ? container.items.length : 0)
      for (const { level, payload: made } of logs) {
        expect(normaliseEvent(made, RECEIPT).level).toBe(level)
        expect(Array.isArray(made.tags) && made.tags.length <= TAGS_MAX).toBe(true)
      }
    }),
    RUNS,
  )
})

const msgpack = payload.map((value) =>
  Buffer.from(encode(parseEventJson(Buffer.from(JSON.stringify(value).replaceAll('__proto__', 'p'))))),
)
const damaged = fc.tuple(msgpack, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
  bytes[at % bytes.length] = byte
  return bytes
})
const file = fc.oneof(
  msgpack,
  damaged,
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
)

test('any bytes as msgpack give JSON', () => {
  fc.assert(
    fc.property(file, (bytes) => isJson(readMsgpack(bytes))),
    RUNS,
  )
})

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return value === null || ['string', 'boolean'].includes(typeof value)
  const isPlain = [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value))
  return isPlain && Object.values(value).every(isJson)
}

const item = fc
  .tuple(
    fc.constantFrom(
      'event.minidump',
      'event.applecrashreport',
      'event.payload',
      'event.breadcrumbs',
      'event.attachment',
      'form',
    ),
    file,
    fc.array(fc.tuple(fc.constantFrom('sentry', 'sentry__1', 'sentry[a][b]', 'sentry[__proto__]', 'x'), payload), {
      maxLength: 3,
    }),
  )
  .map(
    ([type, bytes, fields]): Item =>
      type === 'form'
        ? { index: 0, type: 'form_data', headers: {}, payload: formOf(fields) }
        : { index: 0, type: 'attachment', headers: { attachment_type: type }, payload: bytes },
  )

function formOf(fields: readonly (readonly [string, JsonObject])[]): Buffer {
  return Buffer.from(JSON.stringify(fields.map(([name, value]) => [name, JSON.stringify(value)])))
}

test('whatever comes with a dump, the crash is an event', () => {
  const dump: Item = {
    index: 0,
    type: 'attachment',
    headers: { attachment_type: 'event.minidump' },
    payload: Buffer.of(),
  }
  fc.assert(
    fc.property(fc.array(item, { maxLength: 4 }), (items) => {
      const made = crashEvent({ items: [...items, dump] }) ?? expect.fail('no crash')
      expect(normaliseEvent(made, RECEIPT).platform).toBe('native')
      const { values } = isRecord(made.breadcrumbs) ? made.breadcrumbs : { values: null }
      expect(Array.isArray(values) && values.length <= BREADCRUMBS_MAX).toBe(true)
      crashEvent({ items })
    }),
    { ...RUNS, numRuns: 150 },
  )
})
