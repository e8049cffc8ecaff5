import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { archivedOf } from '../support/archived-of.ts'
import { ask } from '../support/ask.ts'
import { type Case, conform, type Door, error } from '../support/conform.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// How credentials may be spelt (Sentry's protocol, grammar of authentication).

const BODY = '{}\n{"type":"event"}\n{"message":"x"}'

let stack: Stack
let door: Door

beforeAll(async () => {
  stack = await startStack()
  door = { stack, project: await addProject(stack, 'Spellings') }
})

afterAll(() => stack?.stop())

const at = (to: AddedProject, query = '') => `/api/${to.id}/envelope/${query}`
const header = (value: (key: string) => string) => (to: AddedProject) => ({
  path: at(to),
  headers: { 'x-sentry-auth': value(to.publicKey) },
  body: BODY,
})
const query = (value: (key: string) => string) => (to: AddedProject) => ({
  path: at(to, `?${value(to.publicKey)}`),
  body: BODY,
})

describe('credentials as real SDKs spell them let in:', () => {
  const spellings: readonly [who: string, value: (key: string) => string][] = [
    ['Python and native', (key) => `Sentry sentry_key=${key}, sentry_version=7, sentry_client=sentry.python/1.9.10`],
    ['Java, Cocoa and .NET', (key) => `Sentry sentry_version=7,sentry_client=sentry.java/8.0.0,sentry_key=${key}`],
    ['Go and PHP', (key) => `Sentry sentry_version=7, sentry_client=sentry-go/0.11.0, sentry_key=${key}`],
    [
      'Ruby',
      (key) =>
        `Sentry sentry_version=7, sentry_client=sentry-ruby/5.3.0, sentry_timestamp=1700000000, sentry_key=${key}`,
    ],
    [
      'raven with a secret',
      (key) =>
        `Sentry sentry_version=5, sentry_timestamp=1700000000, sentry_client=raven-node/2.6.4, sentry_key=${key}, sentry_secret=abc`,
    ],
    ['in small letters', (key) => `sentry sentry_key=${key}`],
    ['in capitals', (key) => `SENTRY sentry_key=${key}`],
    ['with blanks around pairs', (key) => `Sentry   sentry_version=7  ,   sentry_key=${key}  `],
    ['with names nobody knows', (key) => `Sentry sentry_color=blue, sentry_key=${key}, x=y`],
    ['with a value behind a second equals sign', (key) => `Sentry sentry_key=${key}=more`],
    ['with a pair without a value', (key) => `Sentry nothing, sentry_key=${key}`],
    ['with a comma at the end', (key) => `Sentry sentry_key=${key},`],
    ['with a flag behind the key', (key) => `Sentry sentry_key=${key}.no-cache`],
    ['with flags behind the key', (key) => `Sentry sentry_key=${key}.no-cache.other`],
  ]
  test.each(spellings)('%s', async (who, value) => {
    await conform(door, { name: who, request: header(value), status: 200 })
  })
})

describe('a header that does not speak Sentry is no authentication, so the query counts:', () => {
  const ignored: readonly [what: string, headers: Readonly<Record<string, string>>][] = [
    ['an empty X-Sentry-Auth', { 'x-sentry-auth': '' }],
    ['an X-Sentry-Auth of another kind', { 'x-sentry-auth': 'Bearer 0123' }],
    ['an X-Sentry-Auth of one word', { 'x-sentry-auth': 'Sentry' }],
    ['an Authorization: Bearer', { authorization: 'Bearer 0123' }],
    ['an Authorization: Digest', { authorization: 'Digest username="x"' }],
    ['an Authorization that is empty', { authorization: '' }],
    ['an Authorization: Basic that is no base64', { authorization: 'Basic %%%' }],
  ]
  test.each(ignored)('%s', async (what, headers) => {
    const request = (to: AddedProject) => ({ path: at(to, `?sentry_key=${to.publicKey}`), headers, body: BODY })
    await conform(door, { name: what, request, status: 200 })
    await conform(door, {
      name: what,
      request: (to) => ({ path: `/api/${to.id}/store/`, headers, body: '{}' }),
      status: 401,
    })
  })
})

describe('a key', () => {
  const badKey = { status: 400, body: error('bad sentry DSN public key', 'invalid project key') }
  const noKey = { status: 401, body: error('bad x-sentry-auth header', 'missing public key in auth header') }
  const multiple = { status: 401, body: error('multiple authorization payloads detected') }
  const cases: readonly Case[] = [
    { name: 'is not taken out of quotes', request: header((key) => `Sentry sentry_key="${key}"`), ...badKey },
    { name: 'is not text', request: header(() => 'Sentry sentry_key=this-is-no-key-but-32-characters'), ...badKey },
    { name: 'is not empty', request: header(() => 'Sentry sentry_key='), ...noKey },
    { name: 'is not empty in the query', request: query(() => 'sentry_key='), ...noKey },
    { name: 'may carry a flag in the query', request: query((key) => `sentry_key=${key}.no-cache`), status: 200 },
    {
      name: 'may be given twice in the query',
      request: query((key) => `sentry_key=${key}&sentry_key=${key}`),
      status: 200,
    },
    {
      name: 'may not differ from itself in the query',
      request: query((key) => `sentry_key=${key}&sentry_key=${'0'.repeat(32)}`),
      ...multiple,
    },
    {
      name: 'may stand behind other things in the query',
      request: query((key) => `x=1&y&sentry_key=${key}&utm=z`),
      status: 200,
    },
    {
      name: 'is understood when it is percent-encoded',
      request: query((key) => `sentry_key=%${key.charCodeAt(0).toString(16)}${key.slice(1)}`),
      status: 200,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('the version of the protocol', () => {
  const bad = { status: 401, body: error('bad x-sentry-auth header', 'invalid value for version') }
  test.each(['2', '3', '4', '5', '6', '7', '7.0', '7.1.2'])('may be %s', async (version) => {
    const request = header((key) => `Sentry sentry_version=${version}, sentry_key=${key}`)
    await conform(door, { name: version, request, status: 200 })
    await conform(door, {
      name: version,
      request: query((key) => `sentry_version=${version}&sentry_key=${key}`),
      status: 200,
    })
  })
  test('may be left out', async () => {
    await conform(door, { name: 'no version', request: header((key) => `Sentry sentry_key=${key}`), status: 200 })
  })
  test.each([
    ['8', '8'],
    ['8.1', '8'],
    ['99', '99'],
  ])('may not be %s', async (version, named) => {
    const body = error(`unsupported protocol version (${named})`)
    const request = header((key) => `Sentry sentry_version=${version}, sentry_key=${key}`)
    await conform(door, { name: version, request, status: 400, body })
  })
  test.each(['seven', '-7', '7a', '.7'])('may not be %s either', async (version) => {
    const request = header((key) => `Sentry sentry_version=${version}, sentry_key=${key}`)
    await conform(door, { name: version, request, ...bad })
  })
})

describe('what the sender says of itself is kept, from', () => {
  const ways: readonly [
    where: string,
    request: (to: AddedProject) => { path: string; headers?: Record<string, string> },
  ][] = [
    [
      'X-Sentry-Auth',
      (to) => ({
        path: at(to),
        headers: { 'x-sentry-auth': `Sentry sentry_key=${to.publicKey}, sentry_client=acme.shop/1.2` },
      }),
    ],
    ['the query', (to) => ({ path: at(to, `?sentry_key=${to.publicKey}&sentry_client=acme.shop%2F1.2`) })],
  ]
  test.each(ways)('%s', async (where, request) => {
    const own = await addProject(stack, `Client ${where}`)
    const given = request(own)
    const headers = { ...given.headers, 'user-agent': 'Acme/9', 'content-type': 'text/plain' }
    expect((await ask(stack.gatewayUrl, { path: given.path, headers, body: BODY })).status).toBe(200)
    const [archived] = await archivedOf(stack, own)
    expect(archived?.row).toMatchObject({
      endpoint: 'envelope',
      sentry_client: 'acme.shop/1.2',
      user_agent: 'Acme/9',
      content_type: 'text/plain',
      client: '127.0.0.1',
      wire_bytes: BODY.length,
    })
  })

  test('an event without an SDK gets it from there', async () => {
    await conform(door, {
      name: 'Client as SDK',
      request: ({ id, publicKey }) => ({
        path: `/api/${id}/envelope/?sentry_key=${publicKey}&sentry_client=acme.shop%2F1.2`,
        body: BODY,
      }),
      status: 200,
      digest: { reports: [{ sdk_name: 'acme.shop', sdk_version: '1.2' }] },
    })
  })
})
