import { expect, test } from 'vitest'
import { type Event, LEVELS } from './event.ts'
import { eventIdFromHash } from './event-id.ts'
import { parseEventJson } from './event-json.ts'
import { EXCEPTIONS_MAX, FINGERPRINT_PARTS_MAX, FRAMES_MAX, INTEGER_MAX, TAGS_MAX, TEXT_LIMITS } from './limits.ts'
import { normaliseEvent } from './normalise-event.ts'

/** mulberry32: small, seeded, good enough to shuffle JSON. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const KEYS = (
  'type value values message formatted params exception threads stacktrace frames filename abs_path function module package lineno ' +
  'colno in_app context_line pre_context mechanism handled exception_id user id email ip_address request url method headers env ' +
  'REMOTE_ADDR contexts os runtime device app name version app_version screen_resolution screen_density memory_size raw_description ' +
  'tags key environment release dist level logger logentry platform transaction server_name fingerprint timestamp sdk settings ' +
  'infer_ip crashed current culture locale sentry.interfaces.Exception sentry.interfaces.Message sentry.interfaces.Http __proto__ ' +
  'constructor toString length password'
).split(' ')
const TEXTS = [
  '',
  ' ',
  'x',
  'error',
  'TypeError: x',
  '%s %(a)s {} {0}',
  'http://u:p@h/a?token=1#b',
  '{{auto}}',
  '1.2.3.4',
  '\0',
  '\ud800',
  '😀',
  'a\r\nb',
  '.',
  'none',
  'latest',
  'a@1+2',
  '2026-01-01T00:00:00Z',
  '1920x1080',
  'Linux 5.4',
  '__proto__',
  'Mozilla/5.0 (X11; Linux) Chrome/1 Safari/1',
  '[masked]',
  '…',
]
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  1.5,
  40,
  1e11,
  1.7e9,
  1.7e12,
  2 ** 31,
  2 ** 53,
  2 ** 64,
  1e300,
  -1e300,
  Number.MAX_SAFE_INTEGER,
]

/** Mostly small lists; a long one only of leaves, or the payload would not end. */
function randomJson(random: (below: number) => number, depth: number): unknown {
  switch (random(depth > 0 ? 10 : 6)) {
    case 0:
      return null
    case 1:
      return random(2) === 0
    case 2:
      return pick(random, NUMBERS)
    case 3:
      return pick(random, TEXTS).repeat(1 + random(random(40) === 0 ? 12_000 : 3))
    case 4:
    case 5:
      return pick(random, TEXTS)
    case 6:
      return Array.from({ length: random(depth === 1 && random(9) === 0 ? 400 : 4) }, () =>
        randomJson(random, depth - 1),
      )
    default:
      return Object.fromEntries(
        Array.from({ length: random(5) }, () => [pick(random, KEYS), randomJson(random, depth - 1)]),
      )
  }
}

const pick = <T>(random: (below: number) => number, list: readonly T[]): T => list[random(list.length)] as T

/** An event with every attribute in its usual shape; the mutations below put a wrong value into a few places of it. */
const FULL = {
  timestamp: 1.7698e9,
  level: 'error',
  platform: 'node',
  logger: 'a.b',
  transaction: 'GET /',
  server_name: 'web',
  release: 'a@1+2',
  dist: '2',
  environment: 'prod',
  fingerprint: ['a', 1, true],
  tags: [
    ['a', 'b'],
    ['password', 'x'],
    ['environment', 'y'],
  ],
  logentry: { message: 'a %s %(b)s', params: ['x', { y: 1 }] },
  exception: {
    values: Array.from({ length: 3 }, (_, i) => ({
      type: `E${i}`,
      value: 'x',
      module: 'm',
      mechanism: { type: 'generic', handled: false, synthetic: true, exception_id: i, parent_id: 0 },
      stacktrace: {
        frames: Array.from({ length: 4 }, (_f, line) => ({
          filename: 'a.js',
          abs_path: 'http://h/a.js',
          function: 'f',
          module: 'm',
          package: 'p',
          lineno: line,
          colno: 7,
          in_app: true,
          context_line: 'x',
          pre_context: ['y'],
        })),
      },
    })),
  },
  stacktrace: { frames: [{ function: 'f' }] },
  threads: { values: [{ current: true, stacktrace: { frames: [{ function: 'f' }] } }] },
  user: { id: 1, email: 'a@b', username: 'c', ip_address: '{{auto}}' },
  request: { url: 'http://u:p@h/?a', method: 'get', headers: { 'User-Agent': 'x' }, env: { REMOTE_ADDR: '1.2.3.4' } },
  contexts: {
    os: { name: 'Linux', version: '5' },
    runtime: { raw_description: 'mono 6' },
    browser: { name: 'Chrome', version: '1' },
    app: { app_name: 'a', app_version: '1', app_build: 2 },
    device: {
      model: 'x',
      screen_resolution: '1x2',
      screen_density: 1.5,
      screen_dpi: 3,
      memory_size: 4,
      processor_count: 5,
    },
    culture: { locale: 'de', timezone: 'UTC' },
  },
  sdk: { name: 's', version: '1', settings: { infer_ip: 'auto' } },
}

/** The value with a wrong one in about every fortieth place, and some lists grown beyond any bound. */
function mutate(random: (below: number) => number, value: unknown): unknown {
  if (random(40) === 0) return randomJson(random, 3)
  if (Array.isArray(value)) {
    const grown = random(100) === 0 ? Array.from({ length: 300 }, () => value[0]) : value
    return grown.map((child) => mutate(random, child))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mutate(random, child)]))
}

/** By turns anything under the names we read, and a whole event with faults in it. */
function randomPayload(random: (below: number) => number): Record<string, unknown> {
  if (random(4) > 0) return Object.fromEntries(Object.entries(FULL).map(([key, value]) => [key, mutate(random, value)]))
  const chosen = KEYS.filter(() => random(3) > 0)
  return JSON.parse(JSON.stringify(Object.fromEntries(chosen.map((key) => [key, randomJson(random, 4)]))))
}

const TEXT_FIELDS: readonly (readonly [
  keyof typeof TEXT_LIMITS,
  (event: Event) => readonly (string | null | undefined)[],
])[] = [
  ['logger', (event) => [event.logger]],
  ['transaction', (event) => [event.transaction]],
  ['serverName', (event) => [event.serverName]],
  ['release', (event) => [event.release]],
  ['dist', (event) => [event.dist]],
  ['environment', (event) => [event.environment]],
  ['fingerprintPart', (event) => event.fingerprint],
  ['tagKey', (event) => event.tags.map((tag) => tag.key)],
  ['tagValue', (event) => event.tags.map((tag) => tag.value)],
  ['message', (event) => [event.message?.template, event.message?.formatted]],
  ['exceptionType', (event) => event.exceptions.map((exception) => exception.type)],
  ['exceptionValue', (event) => event.exceptions.map((exception) => exception.value)],
  ['exceptionModule', (event) => event.exceptions.map((exception) => exception.module)],
  ['mechanismType', (event) => event.exceptions.map((exception) => exception.mechanism?.type)],
  ['path', (event) => framesOf(event).flatMap((frame) => [frame.filename, frame.absPath])],
  ['frameModule', (event) => framesOf(event).flatMap((frame) => [frame.module, frame.package])],
  ['frameFunction', (event) => framesOf(event).map((frame) => frame.function)],
  ['contextLine', (event) => framesOf(event).map((frame) => frame.contextLine)],
  ['userField', (event) => [event.user.id, event.user.username, event.user.ip]],
  ['userEmail', (event) => [event.user.email]],
  ['url', (event) => [event.request.url, event.request.method]],
  [
    'contextText',
    (event) => [
      event.sdk.name,
      event.sdk.version,
      event.platform,
      ...leaves(event.contexts).filter((leaf) => typeof leaf === 'string'),
    ],
  ],
]

const framesOf = (event: Event) => [...event.exceptions, event].flatMap((holder) => holder.stacktrace?.frames ?? [])

/** Every value that is no object, of a value of ours. */
function leaves(value: unknown): unknown[] {
  if (value instanceof Date || typeof value !== 'object' || value === null) return [value]
  return Object.values(value).flatMap(leaves)
}

function faultsOf(event: Event, receivedAt: number): string[] {
  const { memorySize: _memory, screenDensity: _density, ...integers } = event.contexts.device
  const stacks = [...event.exceptions, event].map(({ stacktrace }) => stacktrace?.frames.length ?? 1)
  const counted = [integers, framesOf(event), event.exceptions.map(({ mechanism }) => mechanism)]
  const rules: readonly (readonly [what: string, holds: boolean])[] = [
    ['text is clean', leaves(event).every(isClean)],
    ['integers fit their columns', leaves(counted).every((leaf) => typeof leaf !== 'number' || isSmallInteger(leaf))],
    ['exceptions are named', event.exceptions.every(({ type, value }) => type !== null || value !== null)],
    ['stacks have frames, not too many', stacks.every((count) => count > 0 && count <= FRAMES_MAX)],
    ['exceptions are bounded', event.exceptions.length <= EXCEPTIONS_MAX],
    ['tags are bounded', event.tags.length <= TAGS_MAX],
    ['fingerprints are bounded', event.fingerprint.length <= FINGERPRINT_PARTS_MAX],
    ['each tag is there once', new Set(event.tags.map((tag) => tag.key)).size === event.tags.length],
    ['secrets are masked', event.tags.every(({ key, value }) => key !== 'password' || value === '[masked]')],
    ['kind says whether there are exceptions', (event.kind === 'error') === event.exceptions.length > 0],
    ['the level is one', LEVELS.includes(event.level)],
    ['the time is near its receipt', Math.abs(event.occurredAt.getTime() - receivedAt + 15 * DAY) <= 15 * DAY + 60_000],
    ...TEXT_FIELDS.map(([name, read]) => [`${name} is cut`, read(event).every((text) => isCut(text, name))] as const),
  ]
  return rules.filter(([, holds]) => !holds).map(([what]) => what)
}

const DAY = 86_400_000

function isCut(text: string | null | undefined, name: keyof typeof TEXT_LIMITS): boolean {
  const charsMax = TEXT_LIMITS[name].charsMax + TEXT_LIMITS[name].allowance
  return text === null || text === undefined || text.length <= charsMax || Array.from(text).length <= charsMax
}

function isClean(leaf: unknown): boolean {
  if (typeof leaf === 'number') return leaf >= 0 && leaf <= Number.MAX_SAFE_INTEGER
  return typeof leaf === 'string' ? leaf.isWellFormed() && !leaf.includes('\0') : leaf !== undefined
}

function isSmallInteger(value: number): boolean {
  return Number.isInteger(value) && value <= INTEGER_MAX
}

test('of 2,000 random payloads every one becomes an event within all limits', { timeout: 20_000 }, () => {
  const receivedAt = Date.UTC(2026, 0, 31)
  for (let seed = 1; seed <= 2000; seed++) {
    const random = randomFrom(seed)
    const event = normaliseEvent(randomPayload(random), {
      eventId: eventIdFromHash(Buffer.alloc(16)),
      receivedAt: new Date(receivedAt),
      sentAt: random(2) === 0 ? null : new Date(pick(random, [0, receivedAt - 7_200_000, 8e15])),
      clientIp: pick(random, [null, '1.2.3.4', 'x']),
      userAgent: pick(random, [null, ...TEXTS]),
      client: pick(random, [null, ...TEXTS]),
      sdk: pick(random, [null, { name: 'x', version: null }]),
    })
    expect(faultsOf(event, receivedAt), `seed ${seed}`).toEqual([])
  }
})

test('a payload of one huge field is normalised in no time, whichever field it is', () => {
  const started = performance.now()
  const deep = JSON.parse('['.repeat(5000) + ']'.repeat(5000))
  const shapes = [
    'x'.repeat(1_000_000),
    '%(a)s'.repeat(100_000),
    deep,
    Array(100_000).fill(null),
    { values: Array(20_000).fill({ type: 'x' }) },
  ]
  for (const shape of shapes) for (const key of KEYS) normaliseEvent({ [key]: shape }, receiptOf())
  expect(performance.now() - started).toBeLessThan(4000)
})

test('an event survives its way through JSON unchanged by a second parse', () => {
  const payload = { message: 'x', tags: { a: 1 }, exception: { type: 'A', value: 'b' } }
  const again = parseEventJson(Buffer.from(JSON.stringify(payload)))
  expect(normaliseEvent(again, receiptOf())).toEqual(normaliseEvent(payload, receiptOf()))
})

function receiptOf() {
  return {
    eventId: eventIdFromHash(Buffer.alloc(16)),
    receivedAt: new Date(0),
    sentAt: null,
    clientIp: null,
    userAgent: null,
    client: null,
  }
}
