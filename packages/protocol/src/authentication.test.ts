import { describe, expect, test } from 'vitest'
import { readAuthentication } from './authentication.ts'
import { ProtocolError } from './protocol-error.ts'

const KEY = 'e12d836b15bb49d7bbf99e64295d995b'
const OTHER = 'a'.repeat(32)
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

type Request = Partial<Parameters<typeof readAuthentication>[0]>

const read = (request: Request) =>
  readAuthentication({ sentryAuth: undefined, authorization: undefined, query: '', ...request })

function codeOf(request: Request): unknown {
  try {
    return read(request)
  } catch (error) {
    return error instanceof ProtocolError ? [error.code, error.message, ...error.causes] : error
  }
}

/** The places a request can hold a key in, each with a way to put text there. */
const PLACES: readonly (readonly [name: string, put: (key: string) => Request])[] = [
  ['X-Sentry-Auth', (key) => ({ sentryAuth: `Sentry sentry_key=${key}` })],
  ['Authorization: Sentry', (key) => ({ authorization: `Sentry sentry_key=${key}` })],
  ['query text', (key) => ({ query: `?sentry_key=${key}` })],
  ['query object', (key) => ({ query: new URLSearchParams({ sentry_key: key }) })],
  ['path', (key) => ({ pathKey: key })],
]

describe.each(PLACES)('%s', (_name, put) => {
  test('a good key is read', () => {
    expect(read(put(KEY))).toEqual({ publicKey: KEY, client: null, version: 7 })
    expect(read(put(`${KEY}.no-cache`))?.publicKey).toBe(KEY)
  })
  test('a bad key is refused as one', () => {
    expect(codeOf(put('abc'))).toEqual(['bad_public_key', 'bad sentry DSN public key', 'invalid project key'])
  })
  test('a missing key is refused as bad authorization', () => {
    expect(codeOf(put(''))).toEqual([
      'bad_authorization',
      'bad x-sentry-auth header',
      'missing public key in auth header',
    ])
  })
  test.each(PLACES.filter(([name]) => name !== _name && !(name.startsWith('query') && _name.startsWith('query'))))(
    'an equal key in %s as well is fine, another one is not',
    (_other, putOther) => {
      expect(read({ ...put(KEY), ...putOther(`${KEY}.flag`) })?.publicKey).toBe(KEY)
      expect(codeOf({ ...put(KEY), ...putOther(OTHER) })).toEqual([
        'multiple_authorizations',
        'multiple authorization payloads detected',
      ])
    },
  )
  test('a Basic header beside it belongs to a proxy', () => {
    if (!('authorization' in put(KEY))) {
      expect(read({ ...put(KEY), authorization: basic(`${OTHER}:x`) })?.publicKey).toBe(KEY)
    }
  })
})

describe('nothing that speaks Sentry is no authentication at all', () => {
  test.each<Request>([
    {},
    { sentryAuth: '' },
    { sentryAuth: 'Bearer abc' },
    { sentryAuth: `sentry_key=${KEY}` },
    { authorization: 'Bearer abc' },
    { authorization: basic('user:password') },
    { authorization: 'Basic !!!' },
    { query: '?a=b' },
    { query: new URLSearchParams('a=sentry_key') },
  ])('%j', (request) => {
    expect(read(request)).toBeNull()
  })
})

describe('what SDKs really send', () => {
  const client = 'sentry.test/1.2.3'
  test.each([
    ['python, native', `Sentry sentry_key=${KEY}, sentry_version=7, sentry_client=${client}`],
    ['java, cocoa, dotnet', `Sentry sentry_version=7,sentry_client=${client},sentry_key=${KEY}`],
    ['go, php', `Sentry sentry_version=7, sentry_client=${client}, sentry_key=${KEY}`],
    ['ruby', `Sentry sentry_version=7, sentry_client=${client}, sentry_timestamp=1714671696, sentry_key=${KEY}`],
    ['with a secret', `Sentry sentry_version=7,sentry_client=${client},sentry_key=${KEY},sentry_secret=abc`],
    ['lower case, more blanks', `sentry   sentry_key = ${KEY} ,sentry_client=${client},,`],
    ['a second equals sign', `Sentry sentry_key=${KEY}=x,sentry_client=${client}`],
  ])('%s', (_name, sentryAuth) => {
    expect(read({ sentryAuth })).toEqual({ publicKey: KEY, client, version: 7 })
  })
  test('javascript, url-encoded in the query', () => {
    const query = `?sentry_version=7&sentry_key=${KEY}&sentry_client=sentry.javascript.browser%2F9.1.0`
    expect(read({ query })).toEqual({ publicKey: KEY, client: 'sentry.javascript.browser/9.1.0', version: 7 })
  })
  test('Basic with the key as user', () => {
    expect(read({ authorization: basic(`${KEY}:`) })).toEqual({ publicKey: KEY, client: null, version: 7 })
    expect(read({ authorization: basic(KEY) })?.publicKey).toBe(KEY)
  })
  test('a query of other sentry_ names beside a header', () => {
    expect(read({ sentryAuth: `Sentry sentry_key=${KEY}`, query: '?sentry_release=1.0' })?.publicKey).toBe(KEY)
  })
})

describe('sentry_version', () => {
  const auth = (version: string) => ({ sentryAuth: `Sentry sentry_key=${KEY},sentry_version=${version}` })
  test.each([
    ['2', 2],
    ['5', 5],
    ['7', 7],
    ['7.0', 7],
  ])('%s is understood', (version, expected) => {
    expect(read(auth(version))?.version).toBe(expected)
  })
  test('newer than 7 is unsupported', () => {
    expect(codeOf(auth('8'))).toEqual(['unsupported_version', 'unsupported protocol version (8)'])
  })
  test.each(['', 'x', '-1', '7x', '1e3', '9'.repeat(99)])('%j is no version', (version) => {
    expect(codeOf(auth(version))).toEqual([
      'bad_authorization',
      'bad x-sentry-auth header',
      'invalid value for version',
    ])
  })
})

test('a client name of any length stays bounded', () => {
  const auth = read({ sentryAuth: `Sentry sentry_key=${KEY},sentry_client=${'x'.repeat(9999)}` })
  expect(auth?.client).toHaveLength(200)
})
