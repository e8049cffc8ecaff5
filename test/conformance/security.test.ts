import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { archivedOf } from '../support/archived-of.ts'
import { ask } from '../support/ask.ts'
import { type Case, conform, type Door, keyed } from '../support/conform.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { CSP_REPORT } from './routes.ts'

// Reports that browsers send by themselves (Sentry's protocol, security endpoint): kept as they came, as envelopes.

let stack: Stack
let door: Door

beforeAll(async () => {
  stack = await startStack()
  door = { stack, project: await addProject(stack, 'Security') }
})

afterAll(() => stack?.stop())

const post =
  (body: string | Uint8Array<ArrayBuffer>, type: string | null = 'application/csp-report', rest = 'security/') =>
  (to: AddedProject) => ({
    path: keyed(to, rest),
    headers: type === null ? {} : { 'content-type': type },
    body,
  })

const taken = { status: 200, body: '' }
/** Of CSP_REPORT. */
const reported = {
  ...taken,
  digest: {
    reports: [
      {
        ...{ title: "Blocked 'image' from 'evil.example'", culprit: 'img-src', logger: 'csp', level: 'error' },
        ...{ url: 'https://shop.example/cart', platform: 'other' },
        tags: { 'effective-directive': 'img-src', 'blocked-uri': 'https://evil.example/x.png' },
      },
    ],
    errors: [],
    outcomes: { 'raw_security stored': 1 },
  },
}
/** Nothing is kept of it. */
const counted = { ...taken, digest: { reports: [], errors: [], outcomes: { 'nel unsupported': 1 } } }

describe('a report is taken and answered nothing, whatever a browser calls it:', () => {
  const types = [
    'application/json',
    'application/csp-report',
    'application/expect-ct-report',
    'application/expect-ct-report+json',
    'application/expect-staple-report',
    'application/reports+json',
    'application/csp-report; charset=utf-8',
    'Application/CSP-Report',
  ]
  test.each(types)('%s', async (type) => {
    await conform(door, { name: type, request: post(CSP_REPORT, type), ...reported })
  })
})

describe('a report of any kind is kept whole:', () => {
  const kinds: readonly [kind: string, type: string, report: unknown][] = [
    ['CSP', 'application/csp-report', JSON.parse(CSP_REPORT)],
    [
      'Expect-CT',
      'application/expect-ct-report+json',
      { 'expect-ct-report': { hostname: 'shop.example', port: 443, 'date-time': '2026-01-02T03:04:05Z' } },
    ],
    [
      'Expect-Staple',
      'application/expect-staple-report',
      { 'expect-staple-report': { hostname: 'shop.example', 'response-status': 'MISSING' } },
    ],
    [
      'HPKP',
      'application/json',
      { hostname: 'shop.example', 'known-pins': ['pin-sha256="abc"'], 'date-time': '2026-01-02T03:04:05Z' },
    ],
  ]
  test.each(kinds)('%s', async (kind, type, report) => {
    const own = await addProject(stack, kind)
    const answer = await ask(stack.gatewayUrl, post(JSON.stringify(report), type)(own))
    expect([answer.status, answer.text]).toEqual([200, ''])
    const [archived] = await archivedOf(stack, own)
    expect(archived?.row.endpoint).toBe('security')
    expect(archived?.items.map((item) => item.type)).toEqual(['raw_security'])
    expect(JSON.parse(String(archived?.items[0]?.payload))).toEqual(report)
  })

  test('the Reporting API, which sends several in a list, none is lost', async () => {
    const own = await addProject(stack, 'Reporting')
    const violation = (blockedURL: string) => ({
      ...{ type: 'csp-violation', age: 10, url: 'https://shop.example/cart', user_agent: 'Acme/9' },
      body: {
        documentURL: 'https://shop.example/cart',
        effectiveDirective: 'img-src',
        blockedURL,
        disposition: 'enforce',
      },
    })
    const reports = [violation('https://evil.example/1.png'), violation('https://evil.example/2.png')]
    const answer = await ask(stack.gatewayUrl, post(JSON.stringify(reports), 'application/reports+json')(own))
    expect([answer.status, answer.text]).toEqual([200, ''])
    const items = (await archivedOf(stack, own)).flatMap((archived) => archived.items)
    expect(items.every(({ type }) => type === 'raw_security')).toBe(true)
    expect(items.flatMap(({ payload }) => JSON.parse(String(payload)))).toEqual(reports)
  })
})

test('release, environment and browser are kept beside a report, which does not name them', async () => {
  const own = await addProject(stack, 'Said beside')
  const { path, body } = post(CSP_REPORT)(own)
  const headers = { 'content-type': 'application/csp-report', 'user-agent': 'Mozilla/5.0 (Acme)' }
  await ask(stack.gatewayUrl, { path: `${path}&sentry_release=shop%402.3&sentry_environment=staging`, headers, body })
  const [archived] = await archivedOf(stack, own)
  expect(archived?.row).toMatchObject({
    query_release: 'shop@2.3',
    query_environment: 'staging',
    user_agent: headers['user-agent'],
  })
  expect(archived?.items[0]?.headers).toMatchObject({ sentry_release: 'shop@2.3', sentry_environment: 'staging' })
})

describe('what is no report is refused:', () => {
  const cases: readonly Case[] = [
    { name: 'nothing', request: post(''), status: 400 },
    { name: 'white space', request: post(' \n'), status: 400 },
    { name: 'text', request: post('hello'), status: 400 },
    { name: 'cut JSON', request: post(CSP_REPORT.slice(0, -1)), status: 400 },
    { name: 'cut JSON of the Reporting API', request: post('[{"type":', 'application/reports+json'), status: 400 },
    { name: 'a type that is text', request: post(CSP_REPORT, 'text/plain'), status: 415 },
    { name: 'a type that is a form', request: post(CSP_REPORT, 'application/x-www-form-urlencoded'), status: 415 },
    { name: 'no type', request: post(CSP_REPORT, null), status: 415 },
    {
      name: 'an unknown encoding',
      request: (to) => ({
        ...post(CSP_REPORT)(to),
        headers: { 'content-type': 'application/json', 'content-encoding': 'rot13' },
      }),
      status: 415,
    },
    { name: 'text at csp-report', request: post('hello', 'application/csp-report', 'csp-report/'), status: 400 },
    { name: 'a type that is text at csp-report', request: post(CSP_REPORT, 'text/plain', 'csp-report/'), status: 415 },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('reports of network errors', () => {
  const report = '[{"type":"network-error","age":1,"url":"https://shop.example/","body":{"type":"dns.failure"}}]'
  const nel = (type: string | null, body = report) => post(body, type, 'nel/')
  const cases: readonly Case[] = [
    { name: 'are counted, as application/reports+json', request: nel('application/reports+json'), ...counted },
    { name: 'are counted, as application/json', request: nel('application/json'), ...counted },
    { name: 'are refused as text', request: nel('text/plain'), status: 415 },
    { name: 'are refused without a type', request: nel(null), status: 415 },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})
