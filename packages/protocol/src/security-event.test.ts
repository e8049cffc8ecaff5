import { expect, test } from 'vitest'
import { parseEventId } from './event-id.ts'
import { normaliseEvent } from './normalise-event.ts'
import { securityEvent } from './security-event.ts'

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36'
const RECEIPT = {
  eventId: parseEventId('9ec79c33ec9942ab8353589fcb2e04dc') ?? expect.fail('a good id'),
  receivedAt: new Date('2026-02-03T12:00:00Z'),
  sentAt: null,
  clientIp: null,
  userAgent: null,
  client: null,
}

const eventOf = (report: Record<string, unknown>, headers = {}, userAgent: string | null = null) =>
  normaliseEvent(securityEvent(report, headers, userAgent), RECEIPT)
const csp = (body: Record<string, unknown>) => eventOf({ 'csp-report': body })

test('a report of a content security policy', () => {
  const report = {
    'csp-report': {
      'document-uri': 'https://shop.example/cart?session=1',
      referrer: '',
      'violated-directive': "script-src 'self' 'nonce-abc'",
      'effective-directive': 'script-src',
      'blocked-uri': 'https://user:pw@Evil.example:8443/x.js?token=1',
    },
  }
  const event = eventOf(report, { sentry_release: 'shop@1.2', sentry_environment: 'prod' }, CHROME)
  expect(event).toMatchObject({
    kind: 'message',
    level: 'error',
    platform: 'other',
    logger: 'csp',
    message: { template: null, formatted: "Blocked 'script' from 'evil.example'" },
    transaction: 'script-src',
    fingerprint: ['csp', 'script-src', 'evil.example'],
    tags: expect.arrayContaining([
      { key: 'effective-directive', value: 'script-src' },
      { key: 'blocked-uri', value: 'https://Evil.example:8443/x.js' },
    ]),
    request: { url: 'https://shop.example/cart' },
    release: 'shop@1.2',
    environment: 'prod',
  })
  expect(event.contexts.browser.name).toBe('Chrome')
})

test('the same of the Reporting API, which says what browser it was', () => {
  const body = {
    documentURL: 'https://shop.example/a',
    effectiveDirective: 'img-src',
    blockedURL: 'https://cdn.example/a.png',
  }
  const report = { type: 'csp-violation', age: 5, url: 'https://shop.example/', user_agent: CHROME, body }
  const event = eventOf(report, {}, 'curl/8')
  expect(event).toMatchObject({
    message: { formatted: "Blocked 'image' from 'cdn.example'" },
    fingerprint: ['csp', 'img-src', 'cdn.example'],
    request: { url: 'https://shop.example/a' },
  })
  expect(event.contexts.browser.name).toBe('Chrome')
})

test.each([
  ['script-src', '', '', "Blocked unsafe (eval() or inline) 'script'", 'local'],
  ['script-src', 'eval', '', "Blocked unsafe eval() 'script'", 'local'],
  ['script-src', 'inline', '', "Blocked unsafe inline 'script'", 'local'],
  ['script-src', '', "script-src 'unsafe-inline'", "Blocked unsafe inline 'script'", 'local'],
  ['script-src-elem', 'inline', '', "Blocked unsafe 'script' element", 'local'],
  ['style-src', "'self'", '', "Blocked inline 'style'", 'local'],
  ['frame-src', 'self', '', "Blocked inline 'frame-src'", 'local'],
  ['style-src-attr', 'inline', '', 'Blocked style attribute', 'local'],
  ['', 'https://a.example/', "font-src 'self'", "Blocked 'font' from 'a.example'", 'a.example'],
  ['form-action', 'https://a.example', '', "Blocked 'form' action to 'a.example'", 'a.example'],
  ['worker-src', 'blob:https://a.example/1', '', "Blocked 'worker-src' from 'blob:'", 'blob:'],
  ['img-src', 'data', '', "Blocked 'image' from 'data:'", 'data:'],
  ['img-src', 'data:image/png;base64,AAAA', '', "Blocked 'image' from 'data:'", 'data:'],
  ['img-src', 'a.example/b?token=c', '', "Blocked 'image' from 'a.example'", 'a.example'],
  ['<b>', 7, null, "Blocked inline 'unknown'", 'local'],
])('%j blocks %j', (...row) => {
  const [directive, blocked, violated, formatted, target] = row
  const event = csp({ 'effective-directive': directive, 'blocked-uri': blocked, 'violated-directive': violated })
  expect(event.message?.formatted).toBe(formatted)
  expect(event.fingerprint.at(-1)).toBe(target)
})

test.each([
  ['expectct', { 'expect-ct-report': { hostname: 'www.example.com', port: 443 } }, 'Expect-CT failed'],
  ['expectstaple', { 'expect-staple-report': { hostname: 'WWW.example.com', port: 443 } }, 'Expect-Staple failed'],
  ['hpkp', { hostname: 'www.example.com', port: 443, 'known-pins': [] }, 'Public key pinning validation failed'],
])('a report of the kind %s', (logger, report, failure) => {
  expect(eventOf(report)).toMatchObject({
    logger,
    message: { formatted: `${failure} for 'www.example.com'` },
    fingerprint: [logger, 'www.example.com'],
    request: { url: 'https://www.example.com/' },
    tags: expect.arrayContaining([
      { key: 'hostname', value: 'www.example.com' },
      { key: 'port', value: '443' },
    ]),
  })
})

test('a report about a host happened when it says', () => {
  const report = { 'expect-ct-report': { hostname: 'a.example', 'date-time': '2026-02-03T11:00:00Z' } }
  expect(eventOf(report).occurredAt).toEqual(new Date('2026-02-03T11:00:00Z'))
  expect(eventOf({ 'known-pins': [], hostname: 'a b' }).message?.formatted).toMatch(/'unknown'$/)
})

test.each([{}, { type: 'deprecation', body: {} }, { type: 'csp-violation' }, { 'csp-report': 'x' }])(
  '%j is no security report',
  (report) => {
    expect(() => securityEvent(report, {})).toThrow(expect.objectContaining({ code: 'bad_security_report' }))
  },
)
