import { describe, expect, test } from 'vitest'
import { parseEnvelope } from './envelope.ts'
import { parseEventId } from './event-id.ts'
import { ITEMS_MAX } from './limits.ts'
import { nelEnvelope } from './nel-envelope.ts'
import { ProtocolError } from './protocol-error.ts'
import { securityEnvelope } from './security-envelope.ts'

const EVENT_ID = parseEventId('9ec79c33ec9942ab8353589fcb2e04dc') ?? expect.fail('a good id')
const CSP = { 'csp-report': { 'document-uri': 'https://example.com/', 'violated-directive': 'script-src' } }
const VIOLATION = { type: 'csp-violation', age: 7, url: 'https://a.b/', body: { effectiveDirective: 'img-src' } }

function envelope(body: string, contentType: string | null = 'application/json', query = {}) {
  const said = { release: null, environment: null, ...query }
  const input = { body: Buffer.from(body), contentType, query: said, eventId: EVENT_ID }
  return parseEnvelope(securityEnvelope(input))
}

function nel(body: string, contentType: string | null = 'application/json') {
  return parseEnvelope(nelEnvelope({ body: Buffer.from(body), contentType }))
}

const typesOf = ({ items }: ReturnType<typeof parseEnvelope>) => items.map(({ type }) => type)

function codeOf(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error instanceof ProtocolError ? error.code : error
  }
}

describe('a security report', () => {
  test.each([
    ['CSP', CSP],
    ['Expect-CT', { 'expect-ct-report': { hostname: 'a' } }],
    ['Expect-Staple', { 'expect-staple-report': { hostname: 'a' } }],
    ['HPKP', { 'known-pins': [], hostname: 'a' }],
    ['Reporting API', VIOLATION],
  ])('%s becomes one item with all it says', (_kind, report) => {
    const { items, header, fault } = envelope(JSON.stringify(report))
    expect(fault).toBeNull()
    expect(header.eventId).toBe(EVENT_ID)
    expect(items.map(({ type }) => type)).toEqual(['raw_security'])
    expect(JSON.parse(items[0]?.payload.toString() ?? '')).toEqual(report)
  })

  test.each([
    'application/json',
    'application/csp-report',
    'application/expect-ct-report',
    'application/expect-ct-report+json',
    'application/expect-staple-report',
    'application/reports+json',
    ' Application/CSP-Report ; charset=utf-8',
  ])('is taken as %s', (contentType) => {
    expect(typesOf(envelope(JSON.stringify(CSP), contentType))).toEqual(['raw_security'])
  })

  test.each([null, '', 'text/plain', 'application/json-patch+json', 'application/csp-reports', 'json'])(
    'is refused as %j, with the types that are taken',
    (contentType) => {
      expect(() => envelope(JSON.stringify(CSP), contentType)).toThrow(
        expect.objectContaining({
          code: 'unsupported_media_type',
          causes: [expect.stringContaining('application/csp-report')],
        }),
      )
    },
  )

  test('carries release and environment of the query, which are never longer than a header may be', () => {
    const { items } = envelope(JSON.stringify(CSP), 'application/json', { release: 'a@1', environment: 'prod' })
    expect(items[0]?.headers).toMatchObject({ sentry_release: 'a@1', sentry_environment: 'prod' })
    const long = envelope(JSON.stringify(CSP), 'application/json', { release: '\0'.repeat(99_999), environment: '' })
    expect(long.fault).toBeNull()
    expect(long.items[0]?.headers).toHaveProperty('sentry_release')
    expect(long.items[0]?.headers).not.toHaveProperty('sentry_environment')
  })
})

describe('a list of reports', () => {
  test('is one item each; what is no security report is counted, not lost', () => {
    const reports = [VIOLATION, { type: 'deprecation', body: {} }, CSP, 7, null, { type: 'csp-violation' }, []]
    const { items, fault } = envelope(JSON.stringify(reports), 'application/reports+json')
    expect(fault).toBeNull()
    expect(items.map(({ type }) => type)).toEqual([
      'raw_security',
      'unknown',
      'raw_security',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ])
    expect(items.map(({ payload }) => JSON.parse(payload.toString()))).toEqual(reports)
  })
  test('may be empty', () => {
    expect(typesOf(envelope('[]'))).toEqual([])
  })
  test('may hold as many as an envelope, and no more', () => {
    expect(envelope(JSON.stringify(Array(ITEMS_MAX).fill(CSP))).items).toHaveLength(ITEMS_MAX)
    expect(codeOf(() => envelope(JSON.stringify(Array(ITEMS_MAX + 1).fill(CSP))))).toBe('too_many_items')
  })
})

describe.each([
  ['/security/', envelope],
  ['/nel/', nel],
])('a body of %s', (_path, read) => {
  test.each([
    ['', 'empty_body'],
    [' \n', 'empty_body'],
    ['\ufeff', 'empty_body'],
    ['{', 'bad_json'],
    ['{} {}', 'bad_json'],
    ['"csp-report"', 'bad_json'],
    ['null', 'bad_json'],
    ['7', 'bad_json'],
    ['NaN', 'bad_json'],
  ])('%j is refused as %s', (body, code) => {
    expect(codeOf(() => read(body))).toBe(code)
  })
  test('nested to any depth costs a refusal at most', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(codeOf(() => read(deep))).toBe('bad_json')
    expect(codeOf(() => read(`{"csp-report":${deep}}`))).toBe('bad_json')
  })
  test('may begin with a byte order mark', () => {
    expect(read(`\ufeff ${JSON.stringify(CSP)}`).items).toHaveLength(1)
  })
})

describe('NEL', () => {
  const report = { type: 'network-error', age: 29, body: { phase: 'connection', status_code: 0 } }

  test('each report is one item of an envelope that bears no event', () => {
    const { header, items } = nel(JSON.stringify([report, report]), 'application/reports+json')
    expect(header.eventId).toBeNull()
    expect(items.map(({ type, payload }) => [type, JSON.parse(payload.toString())])).toEqual([
      ['nel', report],
      ['nel', report],
    ])
  })
  test.each([null, 'text/plain', 'application/csp-report'])('is refused as %j', (contentType) => {
    expect(codeOf(() => nel(JSON.stringify([report]), contentType))).toBe('unsupported_media_type')
  })
})
