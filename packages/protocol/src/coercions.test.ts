import { describe, expect, test } from 'vitest'
import { readEventDetails } from './event-details.ts'
import { eventIdFromHash } from './event-id.ts'
import { normaliseEvent } from './normalise-event.ts'

/** Noon of 31 January 2026, when every event here is received. */
const NOON = Date.UTC(2026, 0, 31, 12)
const RECEIPT = {
  eventId: eventIdFromHash(Buffer.alloc(16, 1)),
  receivedAt: new Date(NOON),
  ...{ sentAt: null, clientIp: '203.0.113.7', userAgent: null, client: null },
}

/** The value at a path such as `exceptions.0.type`, of the event and, where it has none there, of its details. */
function at(payload: Record<string, unknown>, path: string): unknown {
  const whole = { details: readEventDetails(payload, RECEIPT), ...normaliseEvent(payload, RECEIPT) }
  return path.split('.').reduce((value: unknown, key) => Reflect.get(Object(value), key), whole)
}

type Row = readonly [rule: string, payload: Record<string, unknown>, path: string, expected: unknown]

const STACK = { frames: [{ function: 'f' }] }
const FRAME = 'exceptions.0.stacktrace.frames.0'
const frame = (fields: object) => ({ exception: { type: 'E', stacktrace: { frames: [fields] } } })
const exception = (fields: object) => ({ exception: { type: 'E', ...fields } })
const long = (length: number) => 'x'.repeat(length)

const GENERAL: readonly Row[] = [
  ['a field of the wrong type is null', { release: {}, level: 'info' }, 'release', null],
  ['… and costs no other', { release: {}, level: 'info' }, 'level', 'info'],
  ['values as an array', { exception: [{ type: 'A' }] }, 'exceptions.0.type', 'A'],
  ['values as {values}', { exception: { values: [{ type: 'A' }] } }, 'exceptions.0.type', 'A'],
  ['values as one object', { exception: { type: 'A' } }, 'exceptions.0.type', 'A'],
  ['{} is no values', { exception: {} }, 'exceptions', []],
  ['null elements are dropped', { exception: [null, { type: 'A' }] }, 'exceptions.0.type', 'A'],
  ['… but keep their place in meta', { exception: [null, { type: 'A' }] }, 'details.exceptions.0.index', 1],
  ['alias sentry.interfaces.Message', { 'sentry.interfaces.Message': { message: 'a' } }, 'message.formatted', 'a'],
  ['alias sentry.interfaces.User', { 'sentry.interfaces.User': { id: 1 } }, 'user.id', '1'],
  ['alias sentry.interfaces.Http', { 'sentry.interfaces.Http': { url: 'http://x/' } }, 'request.url', 'http://x/'],
  [
    'alias sentry.interfaces.Contexts',
    { 'sentry.interfaces.Contexts': { os: { name: 'a' } } },
    'contexts.os.name',
    'a',
  ],
  [
    'alias sentry.interfaces.Breadcrumbs',
    { 'sentry.interfaces.Breadcrumbs': [{ message: 'a' }] },
    'details.breadcrumbs.0.message',
    'a',
  ],
  ['alias sentry.interfaces.Exception', { 'sentry.interfaces.Exception': { type: 'A' } }, 'exceptions.0.type', 'A'],
  [
    'alias sentry.interfaces.Stacktrace',
    { 'sentry.interfaces.Stacktrace': STACK },
    'stacktrace.frames.0.function',
    'f',
  ],
  ['alias message of logentry', { message: 'a' }, 'message.formatted', 'a'],
  ['lenient string: number', { release: 7 }, 'release', '7'],
  ['lenient string: float', { user: { id: 7.9 } }, 'user.id', '7'],
  ['lenient string: bool', { user: { username: true } }, 'user.username', 'True'],
  ['seconds', { timestamp: NOON / 1000 - 1.5 }, 'occurredAt', new Date(NOON - 1500)],
  ['milliseconds', { timestamp: NOON - 1500 }, 'occurredAt', new Date(NOON - 1500)],
  ['numeric text', { timestamp: String(NOON / 1000 - 1) }, 'occurredAt', new Date(NOON - 1000)],
  ['RFC 3339', { timestamp: '2026-01-31T12:59:00+01:00' }, 'occurredAt', new Date(NOON - 60_000)],
  ['no zone is UTC', { timestamp: '2026-01-31T11:59:00' }, 'occurredAt', new Date(NOON - 60_000)],
  ['before 1970 is none', { timestamp: -1 }, 'occurredAt', new Date(NOON)],
  ['too long is cut to limit − 3 and …', { server_name: long(300) }, 'serverName', `${long(253)}...`],
  ['within the allowance is not', { server_name: long(276) }, 'serverName', long(276)],
  ['deeper containers become JSON text', { extra: { a: [[[[[[[[1]]]]]]]] } }, 'details.extra.a', [[[[[[['[1]']]]]]]]],
  [
    '_meta is kept',
    { _meta: { message: { '': { len: 9, rem: [['!limit', 's', 1, 4]] } } } },
    'details.meta.message',
    { '': { len: 9, rem: [['!limit', 's', 1, 4]] } },
  ],
]

const ATTRIBUTES: readonly Row[] = [
  ['no timestamp is the receipt', {}, 'occurredAt', new Date(NOON)],
  ['kind: exceptions', { exception: { type: 'E' } }, 'kind', 'error'],
  ['kind: none', { message: 'x' }, 'kind', 'message'],
  ['level: log', { level: 'log' }, 'level', 'info'],
  ['level: critical', { level: 'critical' }, 'level', 'fatal'],
  ['level: Python’s number', { level: 30 }, 'level', 'warning'],
  ['level: … as text', { level: '50' }, 'level', 'fatal'],
  ['level: unknown', { level: 'loud' }, 'level', 'error'],
  ['level: unknown, of a transaction', { type: 'transaction' }, 'level', 'info'],
  ['platform: any plausible name', { platform: 'Dart' }, 'platform', 'dart'],
  ['platform: other', { platform: 'a b' }, 'platform', 'other'],
  ['logger: from the left', { logger: `com.${long(30)}.${long(30)}.A` }, 'logger', `*.${long(30)}.A`],
  ['logger: of several lines', { logger: 'a\nb' }, 'logger', null],
  ['transaction is trimmed', { transaction: ' a ' }, 'transaction', 'a'],
  ['culprit stands in for it', { culprit: 'a in b' }, 'transaction', 'a in b'],
  ['… where there is none', { culprit: 'a', transaction: 'b' }, 'transaction', 'b'],
  ['release: latest', { release: 'Latest' }, 'release', null],
  ['release: slash', { release: 'a/b' }, 'release', null],
  ['dist: other characters', { dist: 'a b' }, 'dist', null],
  ['environment: none', { environment: 'None' }, 'environment', null],
  ['fingerprint: lenient', { fingerprint: ['a', 1.5, true, null, 2 ** 53] }, 'fingerprint', ['a', '1', 'True']],
  ['fingerprint: no list', { fingerprint: 'a' }, 'fingerprint', []],
  ['checksum is a fingerprint', { checksum: 'abc' }, 'fingerprint', ['abc']],
  ['… where there is none', { checksum: 'abc', fingerprint: ['x'] }, 'fingerprint', ['x']],
  ['extra', { extra: { a: { b: [1] }, token: 'x' } }, 'details.extra', { a: { b: [1] }, token: '[masked]' }],
  [
    'modules',
    { modules: { a: '1', b: 2 } },
    'details.modules',
    [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
  ],
  ['modules: no list of pairs', { modules: [['a', '1']] }, 'details.modules', []],
  ['stacktrace moves into a lone exception', { ...exception({}), stacktrace: STACK }, `${FRAME}.function`, 'f'],
  ['errors', { errors: [{ type: 'x', name: 'a', value: 1 }] }, 'details.errors', [{ type: 'x', name: 'a', value: 1 }]],
  ['site is a tag', { site: 'a' }, 'tags', [{ key: 'site', value: 'a' }]],
  ['unknown keys are dropped', { what: 1 }, 'what', undefined],
  ['trace id', { contexts: { trace: { trace_id: 'A'.repeat(32) } } }, 'traceId', 'a'.repeat(32)],
  [
    'trace id with dashes',
    { contexts: { trace: { trace_id: '0af76519-16cd-43dd-8448-eb211c80319c' } } },
    'traceId',
    '0af7651916cd43dd8448eb211c80319c',
  ],
  ['trace id of zeros', { contexts: { trace: { trace_id: '0'.repeat(32) } } }, 'traceId', null],
]

const MESSAGES_AND_EXCEPTIONS: readonly Row[] = [
  ['logentry: string', { logentry: 'a' }, 'message', { template: null, formatted: 'a' }],
  ['logentry: false', { logentry: false }, 'message', null],
  ['logentry: number', { logentry: 7 }, 'message.formatted', '7'],
  [
    'logentry: another object',
    { logentry: { a: 1, password: 'x' } },
    'message.formatted',
    '{"a":1,"password":"[masked]"}',
  ],
  ['logentry: printf', { logentry: { message: 'a %s', params: [1] } }, 'message.formatted', 'a 1'],
  ['logentry: braces', { logentry: { message: 'a {b}', params: { b: 1 } } }, 'message.formatted', 'a 1'],
  ['logentry: template', { logentry: { message: 'a %s', params: [1] } }, 'message.template', 'a %s'],
  ['logentry: params', { logentry: { message: 'a %s', params: [1] } }, 'details.message.params', [1]],
  ['logentry: params of another type', { logentry: { message: 'a', params: 'b' } }, 'details.message.params', null],
  ['exception without type and value', { exception: [{ module: 'm' }] }, 'exceptions', []],
  ['exception value: JSON text', { exception: { value: { a: 1 } } }, 'exceptions.0.value', '{"a":1}'],
  ['exception value: Word: rest', { exception: { value: 'Error: x' } }, 'exceptions.0.type', 'Error'],
  ['exception: raw_stacktrace', exception({ raw_stacktrace: STACK }), `${FRAME}.function`, 'f'],
  [
    'exception: not beside a stacktrace',
    exception({ stacktrace: { frames: [{ function: 'g' }] }, raw_stacktrace: STACK }),
    `${FRAME}.function`,
    'g',
  ],
  [
    'exception: the stack of its thread',
    { ...exception({ thread_id: 7 }), threads: [{ id: 6 }, { id: '7', stacktrace: STACK }] },
    `${FRAME}.function`,
    'f',
  ],
  ['mechanism: {}', exception({ mechanism: {} }), 'exceptions.0.mechanism', null],
  ['mechanism: no type', exception({ mechanism: { handled: false } }), 'exceptions.0.mechanism.type', 'generic'],
  [
    'mechanism: flat signal',
    exception({ mechanism: { posix_signal: { signal: 11, name: 'SIGSEGV' }, relevant_address: '0x1' } }),
    'details.exceptions.0.mechanism.meta',
    { signal: { number: 11, name: 'SIGSEGV' } },
  ],
  [
    'mechanism: flat mach exception',
    exception({ mechanism: { mach_exception: { exception: 1, exception_name: 'EXC_BAD_ACCESS' } } }),
    'details.exceptions.0.mechanism.meta',
    { mach_exception: { exception: 1, name: 'EXC_BAD_ACCESS' } },
  ],
  [
    'mechanism: address of a flat one',
    exception({ mechanism: { relevant_address: '0x1' } }),
    'details.exceptions.0.mechanism.data',
    { relevant_address: '0x1' },
  ],
  ['thread: crashed', { threads: [{ crashed: true, stacktrace: STACK }, {}] }, 'stacktrace.frames.0.function', 'f'],
  ['thread: current', { threads: [{}, { current: true, stacktrace: STACK }] }, 'stacktrace.frames.0.function', 'f'],
  ['thread: main', { threads: [{}, { main: true, stacktrace: STACK }] }, 'stacktrace.frames.0.function', 'f'],
  ['thread: the only one', { threads: [{ raw_stacktrace: STACK }] }, 'stacktrace.frames.0.function', 'f'],
  ['thread: none of several', { threads: [{ stacktrace: STACK }, {}] }, 'stacktrace', null],
  ['thread: id', { threads: [{ id: 7, name: 'main' }] }, 'details.threads.0.id', '7'],
]

const FRAMES: readonly Row[] = [
  ['no frames', exception({ stacktrace: { frames: [] } }), 'exceptions.0.stacktrace', null],
  ['filename from abs_path', frame({ abs_path: 'http://x/a.js?b' }), `${FRAME}.filename`, '/a.js'],
  ['abs_path from filename', frame({ filename: 'a.js' }), `${FRAME}.absPath`, 'a.js'],
  ['function ?', frame({ function: '?' }), `${FRAME}.function`, null],
  ['symbol ?', frame({ symbol: '?' }), `details.${FRAME}.symbol`, null],
  ['raw_function', frame({ raw_function: 'f()' }), `details.${FRAME}.rawFunction`, 'f()'],
  ['line 0', frame({ lineno: 0 }), `${FRAME}.line`, null],
  ['context line of its neighbours', frame({ pre_context: [null, 'a'] }), `${FRAME}.contextLine`, ''],
  ['null lines are empty', frame({ pre_context: [null, 'a'] }), `details.${FRAME}.preContext`, ['', 'a']],
  ['in_app null is not false', frame({ in_app: null }), `${FRAME}.inApp`, null],
  ['vars as a list', frame({ vars: ['a'] }), `details.${FRAME}.vars`, { 0: 'a' }],
  ['vars without secrets', frame({ vars: { password: 1 } }), `details.${FRAME}.vars`, { password: '[masked]' }],
  ['address as hexadecimal', frame({ instruction_addr: '0xDEAD' }), `details.${FRAME}.instructionAddr`, '0xDEAD'],
  ['address as a number', frame({ instruction_addr: 255 }), `details.${FRAME}.instructionAddr`, '0xff'],
  ['address in digits', frame({ image_addr: '4294967296' }), `details.${FRAME}.imageAddr`, '4294967296'],
  [
    'registers',
    exception({ stacktrace: { ...STACK, registers: { rip: '0x1', rax: 'x' } } }),
    'details.exceptions.0.stacktrace.registers',
    [{ name: 'rip', value: '0x1' }],
  ],
]

const SURROUNDINGS: readonly Row[] = [
  ['breadcrumb type', { breadcrumbs: [{}] }, 'details.breadcrumbs.0.type', 'default'],
  ['breadcrumb alias ty', { breadcrumbs: [{ ty: 'http' }] }, 'details.breadcrumbs.0.type', 'http'],
  ['breadcrumb level', { breadcrumbs: [{}] }, 'details.breadcrumbs.0.level', 'info'],
  ['user: data', { user: { id: 1, data: { a: 1 }, plan: 'pro' } }, 'details.user.data', { plan: 'pro', a: 1 }],
  ['user: name', { user: { name: 'Jane' } }, 'details.user.name', 'Jane'],
  ['user: name for a username', { user: { name: 'Jane' } }, 'user.username', 'Jane'],
  ['user: geo', { user: { geo: { country_code: 'DE' } } }, 'details.user.geo.countryCode', 'DE'],
  ['user: {{auto}}', { user: { ip_address: '{{auto}}' } }, 'user.ip', '203.0.113.7'],
  ['user: REMOTE_ADDR', { request: { env: { REMOTE_ADDR: '10.0.0.1' } } }, 'user.ip', '10.0.0.1'],
  ['user: invalid address', { user: { ip_address: 'localhost' } }, 'user.ip', null],
  ['request: method', { request: { method: 'get' } }, 'request.method', 'GET'],
  ['request: no method', { request: { method: 'a b' } }, 'request.method', null],
  ['request: url', { request: { url: 'http://x/a?b=1#c' } }, 'details.request.url', 'http://x/a'],
  ['request: query of the url', { request: { url: '/?b=1' } }, 'details.request.query', [{ name: 'b', value: '1' }]],
  ['request: fragment of the url', { request: { url: '/?b=1#c' } }, 'details.request.fragment', 'c'],
  [
    'request: query text',
    { request: { query_string: '?a=1&token=2' } },
    'details.request.query',
    [
      { name: 'a', value: '1' },
      { name: 'token', value: '[masked]' },
    ],
  ],
  [
    'request: query object',
    { request: { query_string: { a: [1, 2] } } },
    'details.request.query',
    [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ],
  ],
  [
    'request: query pairs',
    { request: { query_string: [['a', '1']] } },
    'details.request.query',
    [{ name: 'a', value: '1' }],
  ],
  [
    'request: headers',
    { request: { headers: { 'x-foo': ['a', 'b'], authorization: 'x' } } },
    'details.request.headers',
    [
      { name: 'X-Foo', value: 'a,b' },
      { name: 'Authorization', value: '[masked]' },
    ],
  ],
  [
    'request: header pairs',
    { request: { headers: [['a', 'b']] } },
    'details.request.headers',
    [{ name: 'A', value: 'b' }],
  ],
  [
    'request: cookie header moves',
    { request: { headers: { Cookie: 'a=1; b' } } },
    'details.request.cookies',
    [
      { name: 'a', value: '[masked]' },
      { name: 'b', value: '' },
    ],
  ],
  ['request: … and is removed', { request: { headers: { Cookie: 'a=1' } } }, 'details.request.headers', []],
  [
    'request: cookies',
    { request: { cookies: { a: '1' }, headers: { Cookie: 'b=1' } } },
    'details.request.cookies',
    [{ name: 'a', value: '[masked]' }],
  ],
  ['request: JSON text', { request: { data: '{"a":1,"pwd":2}' } }, 'details.request.data', { a: 1, pwd: '[masked]' }],
  [
    'request: form text',
    { request: { data: 'a=1&a=2&token=3' } },
    'details.request.data',
    {
      a: ['1', '2'],
      token: '[masked]',
    },
  ],
  [
    'request: type of a form',
    { request: { data: 'a=1' } },
    'details.request.contentType',
    'application/x-www-form-urlencoded',
  ],
  ['request: other text', { request: { data: 'a b' } }, 'details.request.data', 'a b'],
  [
    'request: cut JSON',
    { request: { data: '{"password":"x","b' } },
    'details.request.data',
    '{"password":"[masked]","b',
  ],
  [
    'request: env',
    { request: { env: { A: 1, HTTP_COOKIE: 'x' } } },
    'details.request.env',
    { A: 1, HTTP_COOKIE: '[masked]' },
  ],
  [
    'context by its key',
    { contexts: { os: { name: 'a' } } },
    'details.contexts',
    [{ name: 'os', type: 'os', data: { name: 'a' } }],
  ],
  ['context by its type', { contexts: { b: { type: 'os', name: 'a' } } }, 'contexts.os.name', 'a'],
  ['context: no object', { contexts: { os: 'a' } }, 'details.contexts', []],
  ['context: reprocessing', { contexts: { reprocessing: { a: 1 } } }, 'details.contexts', []],
  ['context: raw_description', { contexts: { os: { raw_description: 'Linux 5.4' } } }, 'contexts.os.version', '5.4'],
  [
    'image: apple',
    { debug_meta: { images: [{ type: 'apple', debug_id: 'a' }] } },
    'details.debugImages.0.type',
    'macho',
  ],
  [
    'image: proguard',
    { debug_meta: { images: [{ type: 'proguard', uuid: 'a' }] } },
    'details.debugImages.0.debugId',
    'a',
  ],
  ['image: unknown', { debug_meta: { images: [{ type: 'x' }] } }, 'details.debugImages', []],
  ['sdk', { sdk: { name: 'a', version: '1' } }, 'sdk', { name: 'a', version: '1' }],
  [
    'sdk: packages',
    { sdk: { packages: [{ name: 'a', version: '1' }] } },
    'details.sdk.packages',
    [{ name: 'a', version: '1' }],
  ],
  ['sdk: integrations', { sdk: { integrations: ['A', 7] } }, 'details.sdk.integrations', ['A']],
]

const TAGS: readonly Row[] = [
  ['object', { tags: { a: 1 } }, 'tags', [{ key: 'a', value: '1' }]],
  ['pairs', { tags: [['a', 1]] }, 'tags', [{ key: 'a', value: '1' }]],
  ['key and value', { tags: [{ key: 'a', value: 1 }] }, 'tags', [{ key: 'a', value: '1' }]],
  ['key: spaces', { tags: { ' a b ': 1 } }, 'tags', [{ key: 'a-b', value: '1' }]],
  ['key: other characters', { tags: { 'a/b': 1 } }, 'tags', []],
  ['value: bool', { tags: { a: true } }, 'tags', [{ key: 'a', value: 'True' }]],
  ['value: newline', { tags: { a: 'b\nc' } }, 'tags', [{ key: 'a', value: 'b c' }]],
  ['value: null, empty', { tags: { a: null, b: '' } }, 'tags', []],
  ['reserved', { tags: { release: 1, dist: 1, user: 1, filename: 1, function: 1 } }, 'tags', []],
  ['environment moves', { tags: { environment: 'a' } }, 'environment', 'a'],
  [
    'the first wins',
    {
      tags: [
        ['a', 1],
        ['a', 2],
      ],
    },
    'tags',
    [{ key: 'a', value: '1' }],
  ],
]

describe.each([
  ['every field', GENERAL],
  ['attributes', ATTRIBUTES],
  ['messages, exceptions, threads', MESSAGES_AND_EXCEPTIONS],
  ['frames', FRAMES],
  ['breadcrumbs, user, request, contexts, images, SDK', SURROUNDINGS],
  ['tags', TAGS],
] as const)('%s', (_name, rows) => {
  test.each(rows)('%s', (_rule, payload, path, expected) => {
    expect(at(payload, path)).toEqual(expected)
  })
})
