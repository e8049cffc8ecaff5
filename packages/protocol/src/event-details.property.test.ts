import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EventDetails, readEventDetails } from './event-details.ts'
import { eventIdFromHash } from './event-id.ts'
import {
  BAG_LIMITS,
  BREADCRUMBS_MAX,
  CONTEXTS_MAX,
  DEBUG_IMAGES_MAX,
  EXCEPTIONS_MAX,
  FRAMES_MAX,
  LIST_MAX,
  TAGS_MAX,
  TEXT_LIMITS,
  THREADS_MAX,
} from './limits.ts'
import { normaliseEvent } from './normalise-event.ts'

/** Every name that is read anywhere, some that no object should be asked for, and some that are masked. */
const NAMES = (
  'type value values message formatted params exception threads stacktrace raw_stacktrace frames filename abs_path function ' +
  'raw_function symbol module package lineno colno in_app vars pre_context context_line post_context instruction_addr registers ' +
  'lock data mechanism handled description help_link meta posix_signal mach_exception relevant_address exception_id thread_id id ' +
  'name state crashed current main held_locks breadcrumbs timestamp ty category level event_id origin request url method ' +
  'query_string fragment headers cookies env inferred_content_type user email username ip_address geo city segment contexts trace ' +
  'trace_id os runtime browser device gpu version raw_description extra modules debug_meta images image_addr image_size debug_id sdk ' +
  'integrations features packages errors _meta rem len val tags key fingerprint checksum culprit site logentry release ' +
  'sentry.interfaces.Breadcrumbs sentry.interfaces.Exception __proto__ constructor toString toJSON length password token 0'
).split(' ')

const text = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.constantFrom(
      ...['\0', '\ud800x', '\udc00', '😀', '?', '0x1f', '{"a":{"password":"x"}}', 'a=1&token=2', 'a=%zz', '{{auto}}'],
      ...[
        'http://u:p@h/?token=1#b',
        'proguard',
        'elf',
        '2026-01-31T11:00:00Z',
        '%s {a}',
        'A: b',
        'a; b=c',
        '__proto__',
      ],
    ),
  },
  { weight: 20, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x'.repeat(20_000), '\u20ac'.repeat(9_000), '["'.repeat(5_000), '"\\'.repeat(5_000)),
  },
)
const number = fc.oneof(fc.double(), fc.constantFrom(JSON.parse('1e400'), -0, 2 ** 53, 2 ** 64, 1e300, 1.7e12, 50))

const leaf = fc.oneof(text, number, fc.boolean(), fc.constant(null))
/** A list past most caps; of small leaves, as one of such lists in another would not end. */
const longList = fc.oneof(number, fc.constantFrom('', '\0', null)).map((one) => Array(300).fill(one))
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6 },
    { weight: 4, arbitrary: leaf },
    { weight: 2, arbitrary: fc.array(tie('json'), { maxLength: 4 }) },
    { weight: 3, arbitrary: members(tie('json')) },
    { weight: 1, arbitrary: longList },
  ),
}))

/** As JSON.parse makes objects: `__proto__` is a member. */
function members(value: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc.array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), text), value), { maxLength: 6 }).map(Object.fromEntries)
}

/** Each interface in its usual shape with arbitrary parts, so that all readers are reached. */
const likely = fc.record(
  {
    exception: fc.array(fc.record({ type: text, value: json, mechanism: json, stacktrace: stack(), thread_id: json })),
    threads: fc.record({ values: fc.array(fc.record({ id: json, crashed: json, stacktrace: stack() })) }),
    breadcrumbs: fc.array(fc.record({ timestamp: json, message: json, data: json, level: json }), { maxLength: 4 }),
    request: fc.record({ url: text, query_string: json, headers: json, cookies: json, data: json, env: json }),
    user: fc.record({ id: json, geo: json, data: json, ip_address: text }),
    contexts: fc.dictionary(text, members(json)),
    extra: members(json),
    modules: fc.dictionary(text, json),
    debug_meta: fc.record({
      images: fc.array(fc.record({ type: fc.constant('elf'), image_addr: json, code_id: json })),
    }),
    errors: fc.array(members(json)),
    _meta: members(json),
  },
  { requiredKeys: [] },
)

function stack(): fc.Arbitrary<unknown> {
  return fc.record({ frames: fc.array(members(json)), registers: members(json) })
}

const payload = fc.tuple(members(json), likely).map(([any, usual]): Record<string, unknown> => ({ ...any, ...usual }))
const receipt = fc.record({
  eventId: fc.constant(eventIdFromHash(Buffer.alloc(16))),
  receivedAt: fc.constant(new Date('2026-01-31T12:00:00Z')),
  sentAt: fc.constantFrom(null, new Date(0), new Date('2026-01-31T10:00:00Z'), new Date(8e15)),
  clientIp: fc.constantFrom(null, '1.2.3.4', 'x'),
  userAgent: fc.oneof(fc.constant(null), text),
  client: fc.oneof(fc.constant(null), text),
})

const charsMax = (name: keyof typeof TEXT_LIMITS) => TEXT_LIMITS[name].charsMax + TEXT_LIMITS[name].allowance
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))
/** A bag counts what it holds roughly: quotes, commas and escapes of JSON are not in it. */
const JSON_FACTOR = 7

/** What must hold of the text and the lists at a place; the first rule whose pattern matches the path counts. */
const RULES: readonly (readonly [path: RegExp, holds: (value: unknown) => boolean])[] = [
  [/^\/extra$/, (bag) => bytesOf(bag) <= BAG_LIMITS.extra.bytesMax * JSON_FACTOR],
  [/^\/extra\/[^/]*$/, (bag) => bytesOf(bag) <= BAG_LIMITS.extraValue.bytesMax * JSON_FACTOR],
  [/^\/exceptions$/, (list) => sizeOf(list) <= EXCEPTIONS_MAX],
  [/\/frames$/, (list) => sizeOf(list) <= FRAMES_MAX],
  [/^\/threads$/, (list) => sizeOf(list) <= THREADS_MAX],
  [/^\/breadcrumbs$/, (list) => sizeOf(list) <= BREADCRUMBS_MAX],
  [/^\/contexts$/, (list) => sizeOf(list) <= CONTEXTS_MAX],
  [/^\/debugImages$/, (list) => sizeOf(list) <= DEBUG_IMAGES_MAX],
  [/^\/sdk\/\w+$|^\/errors$/, (list) => sizeOf(list) <= Math.max(LIST_MAX + 3, charsMax('contextText'))],
  [/^\/request\/(data|env|headers)$/, (bag) => bytesOf(bag) <= BAG_LIMITS.env.bytesMax * JSON_FACTOR],
  [/^\/request\/(query|cookies)$/, (bag) => bytesOf(bag) <= BAG_LIMITS.cookies.bytesMax * JSON_FACTOR],
  [/^\/contexts\/\d+\/data$|^\/user\/data$/, (bag) => bytesOf(bag) <= BAG_LIMITS.context.bytesMax * JSON_FACTOR],
  [/\/(vars|data|lock|heldLocks|params|meta)$/, (bag) => bag === null || bytesOf(bag) <= 256 * 1024 * JSON_FACTOR],
  [/\/(message|formatted|template|value|description)$/, (value) => charsOf(value) <= charsMax('message')],
  [/\/(filename|absPath|module|package|contextLine|helpLink|type)$/, (value) => charsOf(value) <= 296],
  [/\/(function|rawFunction|symbol)$/, (value) => charsOf(value) <= charsMax('frameFunction')],
  [/\/(preContext|postContext)\/\d+$/, (value) => charsOf(value) <= charsMax('contextLine')],
  [/^\/threads\/\d+\/name$|^\/request\/fragment$/, (value) => charsOf(value) <= 1024],
  [/\/(name|category|origin|trust|platform|id|threadId|arch|email|username)$/, (value) => charsOf(value) <= 200],
]

/** Where names are the SDK's own, and only the bag as a whole has a limit. */
const IN_BAG = /^\/(extra\/[^/]*|request\/(data|env)|meta)\/|\/(vars|data|lock|heldLocks|params)\/|\/mechanism\/meta\//

const sizeOf = (value: unknown) => (Array.isArray(value) || typeof value === 'string' ? value.length : 0)
const charsOf = (value: unknown) => (typeof value === 'string' ? Array.from(value).length : 0)

/** The places of a value that break a rule. */
function faultsOf(value: unknown, path = ''): string[] {
  const rule = IN_BAG.test(path) ? undefined : RULES.find(([pattern]) => pattern.test(path))
  const own = isClean(value) && (rule === undefined || rule[1](value)) ? [] : [path]
  if (typeof value !== 'object' || value === null || value instanceof Date) return own
  return Object.entries(value).reduce(
    (faults, [key, child]) => faults.concat(isClean(key) ? [] : [`${path} key`], faultsOf(child, `${path}/${key}`)),
    own,
  )
}

function isClean(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value === 'number') return Number.isFinite(value)
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  return value === null || typeof value === 'boolean' || typeof value === 'object'
}

test('any JSON is read: nothing throws, every text is clean and within its limit, every list within its cap', () => {
  fc.assert(
    fc.property(payload, receipt, (any, said) => {
      const event = normaliseEvent(any, said)
      expect(faultsOf(event)).toEqual([])
      expect(event.tags.length).toBeLessThanOrEqual(TAGS_MAX)
      expect(faultsOf(readEventDetails(any, said))).toEqual([])
    }),
    { numRuns: 120 },
  )
}, 60_000)

test('reading is deterministic and leaves its input as it was', () => {
  fc.assert(
    fc.property(payload, receipt, (any, said) => {
      const before = structuredClone(any)
      const first = [normaliseEvent(any, said), readEventDetails(any, said)]
      expect(any).toEqual(before)
      expect([normaliseEvent(any, said), readEventDetails(any, said)]).toEqual(first)
    }),
    { numRuns: 50 },
  )
}, 60_000)

test('what both readers say of an event is the same', () => {
  fc.assert(
    fc.property(payload, receipt, (any, said) => {
      const event = normaliseEvent(any, said)
      const details = readEventDetails(any, said)
      expect(details.exceptions.map(summary)).toEqual(event.exceptions.map(summary))
      expect(details.message?.formatted).toBe(event.message?.formatted)
      expect(details.user).toMatchObject({ ...event.user })
      expect([details.request.url, details.request.method]).toEqual([event.request.url, event.request.method])
      expect(details.sdk).toMatchObject({ ...event.sdk })
    }),
    { numRuns: 50 },
  )
}, 60_000)

const summary = ({
  type,
  value,
  stacktrace,
}: EventDetails['exceptions'][number] | ReturnType<typeof normaliseEvent>['exceptions'][number]) => [
  type,
  value,
  stacktrace?.frames.map((frame) => [frame.filename, frame.function, frame.line]),
]

test('a secret by name is nowhere in what is shown', () => {
  const secret = 'hunter2hunter2'
  const holder = fc.constantFrom(
    { password: secret },
    { a: [{ b: { api_key: secret } }] },
    [['token', secret]],
    [{ name: 'secret', value: secret }],
    `x?access_token=${secret}`,
    `{"password":"${secret}"}`,
    `{"password":"${secret}`,
    `token=${secret}`,
    { a: { b: { c: { d: { e: { f: { g: { h: { password: secret } } } } } } } } },
  )
  const place = fc.constantFrom<(value: unknown) => Record<string, unknown>>(
    (value) => ({ extra: { a: value } }),
    (value) => ({ contexts: { a: { b: value } } }),
    (value) => ({ request: { data: value } }),
    (value) => ({ request: { url: 'http://x/', query_string: value } }),
    (value) => ({ request: { env: { a: value } } }),
    (value) => ({ breadcrumbs: [{ data: { a: value } }] }),
    (value) => ({ user: { a: value } }),
    (value) => ({ exception: { type: 'E', mechanism: { data: { a: value } } } }),
    (value) => ({ exception: { type: 'E', stacktrace: { frames: [{ vars: { a: value }, data: { a: value } }] } } }),
    (value) => ({ logentry: { message: 'a %s', params: [value] } }),
    (value) => ({ threads: [{ held_locks: { a: value } }] }),
    (value) => ({ errors: [{ type: 'x', value }] }),
  )
  fc.assert(
    fc.property(holder, place, receipt, (value, put, said) => {
      // a bare `token=…` is a parameter only where it stands alone as a query or a form
      const isForm = typeof value === 'string' && value.startsWith('token=')
      fc.pre(!isForm || ['data', 'query_string'].some((key) => Object.hasOwn(Object(put(value).request), key)))
      expect(JSON.stringify(readEventDetails(put(value), said))).not.toContain(secret)
    }),
    { numRuns: 400 },
  )
}, 30_000)

test('10,000 levels as text cost nothing anywhere', () => {
  const deep = JSON.parse(`${'{"a":['.repeat(5000)}${']}'.repeat(5000)}`)
  const said = { eventId: eventIdFromHash(Buffer.alloc(16)), receivedAt: new Date(0), ...NOBODY }
  for (const name of NAMES) {
    expect(() => normaliseEvent({ [name]: deep }, said)).not.toThrow()
    expect(() => readEventDetails({ [name]: deep }, said)).not.toThrow()
  }
})

const NOBODY = { sentAt: null, clientIp: null, userAgent: null, client: null }
