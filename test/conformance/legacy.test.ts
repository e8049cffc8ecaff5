import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { archivedOf } from '../support/archived-of.ts'
import { ask } from '../support/ask.ts'
import { type Case, conform, type Door, error, HEX_ID, keyed } from '../support/conform.ts'
import { digestOf } from '../support/digest-of.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// `/store/` as raven and the SDKs before envelopes use it (Sentry's protocol, legacy store bodies).

const MiB = 1024 * 1024
const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const JSON_X = `{"event_id":"${ID}","message":"x"}`

let stack: Stack
let door: Door

beforeAll(async () => {
  stack = await startStack()
  door = { stack, project: await addProject(stack, 'Store') }
})

afterAll(() => stack?.stop())

const base64 = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('base64')
const raven = (json: string) => base64(deflateSync(json))

const stored = {
  status: 200,
  body: { id: ID },
  digest: { reports: [{ event_id: ID, title: 'x' }], errors: [], outcomes: { 'event stored': 1 } },
}
const post =
  (body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
  (to: AddedProject) => ({ path: keyed(to, 'store/'), headers, body })

describe('a body is an event', () => {
  const cases: readonly Case[] = [
    { name: 'as JSON', request: post(JSON_X, { 'content-type': 'application/json' }), ...stored },
    { name: 'as JSON behind white space', request: post(` \r\n\t${JSON_X}\n`), ...stored },
    { name: 'as JSON behind a byte order mark', request: post(`\ufeff${JSON_X}`), ...stored },
    { name: 'as JSON on several lines', request: post(JSON.stringify(JSON.parse(JSON_X), null, 2)), ...stored },
    { name: 'as base64', request: post(base64(JSON_X)), ...stored },
    {
      name: 'as base64 of zlib, as raven sends it',
      request: post(raven(JSON_X), { 'content-type': 'application/octet-stream' }),
      ...stored,
    },
    { name: 'as base64 on several lines', request: post(raven(JSON_X).replace(/.{20}/g, '$&\r\n')), ...stored },
    { name: 'as base64 without its padding', request: post(base64(JSON_X).replace(/=+$/, '')), ...stored },
    { name: 'as gzip of JSON', request: post(gzipSync(JSON_X), { 'content-encoding': 'gzip' }), ...stored },
    {
      name: 'as gzip of base64 of zlib',
      request: post(gzipSync(raven(JSON_X)), { 'content-encoding': 'gzip' }),
      ...stored,
    },
    { name: 'whatever its content type', request: post(JSON_X, { 'content-type': 'image/png' }), ...stored },
    {
      name: 'of a form’s content type',
      request: post(JSON_X, { 'content-type': 'application/x-www-form-urlencoded' }),
      ...stored,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('odd JSON is repaired or refused at once:', () => {
  const bad = { status: 400, body: error('invalid JSON data') }
  const x = { status: 200, digest: { reports: [{ title: 'x' }], errors: [], outcomes: { 'event stored': 1 } } }
  const cases: readonly Case[] = [
    { name: 'NaN is repaired', request: post('{"message":"x","extra":{"a":NaN,"b":-Infinity}}'), ...x },
    { name: 'an id that is null is made', request: post('{"event_id":null,"message":"x"}'), ...x },
    {
      name: 'an id with dashes counts',
      request: post(JSON_X.replace(ID, '9EC79C33-ec99-42ab-8353-589fcb2e04dc')),
      ...stored,
    },
    { name: 'cut JSON is refused', request: post('{"message":'), ...bad },
    { name: 'an id that is none is refused', request: post('{"event_id":"abc"}'), ...bad },
    { name: 'an id that is a number is refused', request: post('{"event_id":12}'), ...bad },
    { name: 'cut JSON in base64 is refused', request: post(base64('{"message":')), ...bad },
    { name: 'cut JSON in zlib is refused', request: post(raven('{"message":')), ...bad },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('what is no event is refused at once:', () => {
  const undecodable = { status: 400, body: error('invalid request body') }
  const cases: readonly Case[] = [
    { name: 'nothing', request: post(''), status: 400, body: error('empty request body') },
    { name: 'text', request: post('hello, world!'), ...undecodable },
    { name: 'a list', request: post('[{"message":"x"}]'), ...undecodable },
    { name: 'base64 of text', request: post(base64('hello, world!')), ...undecodable },
    {
      name: 'base64 of cut zlib',
      request: post(base64(deflateSync(JSON_X.repeat(9)).subarray(0, 30))),
      ...undecodable,
    },
    { name: 'bytes that are no text', request: post(Buffer.from([0xff, 0x00, 0x80])), ...undecodable },
    {
      name: 'an event beyond MAX_EVENT_BYTES',
      request: post(`{"a":"${'x'.repeat(MiB)}"}`),
      status: 413,
      body: error('event exceeds MAX_EVENT_BYTES'),
    },
    {
      name: 'zlib that unfolds beyond it',
      request: post(raven(`{"a":"${'x'.repeat(2 * MiB)}"}`)),
      status: 413,
      body: error('event exceeds MAX_EVENT_BYTES'),
    },
    {
      name: 'gzip that unfolds beyond it',
      request: post(gzipSync(`{"a":"${'x'.repeat(2 * MiB)}"}`), { 'content-encoding': 'gzip' }),
      status: 413,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

test('an event without an id is answered the one it gets', async () => {
  const own = await addProject(stack, 'No id')
  const answer = await ask(stack.gatewayUrl, { path: keyed(own, 'store/'), body: '{"message":"x"}' })
  expect(answer.body).toEqual({ id: expect.stringMatching(HEX_ID) })
  const { reports } = await digestOf(stack, own)
  expect({ id: reports[0]?.event_id }).toEqual(answer.body)
})

test('an event that is a transaction is kept as one, and makes no issue', async () => {
  const body = `{"event_id":"${ID}","type":"transaction","transaction":"GET /","start_timestamp":1,"timestamp":2,"spans":[]}`
  const digest = {
    reports: [],
    errors: [],
    outcomes: { 'transaction stored': 1 },
    rows: { transactions: [{ event_id: ID, name: 'GET /', duration_ms: 1000 }] },
  }
  await conform(door, { name: 'Transaction', request: post(body), status: 200, digest })
})

test('the body is kept as it came, beside what its sender said', async () => {
  const own = await addProject(stack, 'As it came')
  const path = `/api/${own.id}/store/?sentry_version=5&sentry_key=${own.publicKey}&sentry_client=raven-js%2F3.27.2`
  await ask(stack.gatewayUrl, { path, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: raven(JSON_X) })
  const [archived] = await archivedOf(stack, own)
  expect(archived?.body.toString()).toBe(raven(JSON_X))
  expect(archived?.eventId).toBe(ID)
  expect(archived?.row).toMatchObject({
    endpoint: 'store',
    sentry_client: 'raven-js/3.27.2',
    content_type: 'text/plain;charset=UTF-8',
  })
})

describe('/api/store/ finds the project by its key:', () => {
  const at = ({ publicKey }: AddedProject) => `/api/store/?sentry_version=4&sentry_key=${publicKey}`
  const cases: readonly Case[] = [
    { name: 'JSON', request: (to) => ({ path: at(to), body: JSON_X }), ...stored },
    { name: 'base64 of zlib', request: (to) => ({ path: at(to), body: raven(JSON_X) }), ...stored },
    {
      name: 'with the key in a header',
      request: (to) => ({
        path: '/api/store/',
        headers: { 'x-sentry-auth': `Sentry sentry_version=4, sentry_key=${to.publicKey}` },
        body: JSON_X,
      }),
      ...stored,
    },
    {
      name: 'the key of nobody opens none',
      request: (to) => ({
        path: at({ ...to, publicKey: door.project.publicKey }).replace(/[0-9a-f]{32}/, '0'.repeat(32)),
        body: JSON_X,
      }),
      status: 403,
    },
    {
      name: 'a body that is no event is refused',
      request: (to) => ({ path: at(to), body: '{"message":' }),
      status: 400,
      body: error('invalid JSON data'),
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('an event in the query is taken and answered a picture:', () => {
  /** The smallest picture there is: 1 × 1. */
  const picture = expect.stringMatching(/^GIF8[79]a/)
  const get = (data: string) => (to: AddedProject) => ({
    method: 'GET',
    path: keyed(to, 'store/', `&sentry_data=${encodeURIComponent(data)}`),
  })
  const gif = { ...stored, body: picture, headers: { 'content-type': 'image/gif' } }
  const cases: readonly Case[] = [
    { name: 'as JSON', request: get(JSON_X), ...gif },
    { name: 'as base64', request: get(base64(JSON_X)), ...gif },
    { name: 'as base64 of zlib', request: get(raven(JSON_X)), ...gif },
    { name: 'cut JSON is refused', request: get('{"message":'), status: 400, body: error('invalid JSON data') },
    { name: 'no data is refused', request: (to) => ({ method: 'GET', path: keyed(to, 'store/') }), status: 400 },
    {
      name: 'no key is refused',
      request: (to) => ({ method: 'GET', path: `/api/${to.id}/store/?sentry_data=${encodeURIComponent(JSON_X)}` }),
      status: 401,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})
