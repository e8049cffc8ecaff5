import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { peakMemoryMiB } from '../support/peak-memory.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { chunkedPost, rawPost, sendAndLeave, sendThenRead } from '../support/raw-request.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { waitForReports } from '../support/wait-for-reports.ts'

const KiB = 1024
const MiB = 1024 * KiB

let stack: Stack
let project: AddedProject
let other: AddedProject

beforeAll(async () => {
  stack = await startStack()
  project = await addProject(stack, 'Door')
  other = await addProject(stack, 'Other')
})

afterAll(() => stack?.stop())

type Headers = Readonly<Record<string, string>>

/** A POST with nothing but what is given. */
async function post(path: string, body: string | Uint8Array<ArrayBuffer>, headers: Headers = {}): Promise<Response> {
  return await fetch(`${stack.gatewayUrl}${path}`, { method: 'POST', body, headers })
}

function credentials(publicKey: string): string {
  return `Sentry sentry_key=${publicKey}, sentry_version=7, sentry_client=test/1.0`
}

describe('a sender shows its key', () => {
  interface Shown {
    query?: string
    headers?: Headers
    dsn?: string
  }
  const places: readonly [place: string, show: (to: AddedProject) => Shown][] = [
    ['in X-Sentry-Auth', ({ publicKey }) => ({ headers: { 'x-sentry-auth': credentials(publicKey) } })],
    ['in Authorization', ({ publicKey }) => ({ headers: { authorization: credentials(publicKey) } })],
    ['in the query', ({ publicKey }) => ({ query: `?sentry_version=7&sentry_key=${publicKey}` })],
    ['as the DSN in its envelope', ({ dsn }) => ({ dsn })],
  ]

  test.each(places)('%s', async (place, show) => {
    const own = await addProject(stack, place)
    const { query = '', headers = {}, dsn } = show(own)
    const event = makeEvent()
    const response = await post(`/api/${own.id}/envelope/${query}`, makeEnvelope(event, { dsn }), headers)
    expect([response.status, await response.json()]).toEqual([200, { id: event.event_id }])
    expect(await waitForReports(stack, own)).toMatchObject([{ event_id: event.event_id }])
  })
})

describe('refused with a reason that every origin can read', () => {
  const REJECTED = 'event submission rejected with_reason: ProjectId'
  const at = (id: string, { publicKey }: { publicKey: string }) => `/api/${id}/envelope/?sentry_key=${publicKey}`
  const body = makeEnvelope(makeEvent())

  const refusals: readonly [name: string, status: number, detail: string, request: () => Promise<Response>][] = [
    ['no key', 401, 'missing authorization information', () => post(`/api/${project.id}/envelope/`, body)],
    ['a key nobody has', 403, REJECTED, () => post(at(project.id, { publicKey: '0'.repeat(32) }), body)],
    ['the key of another project', 403, REJECTED, () => post(at(project.id, other), body)],
    ['a project number no database has', 403, REJECTED, () => post(at('18446744073709551615', project), body)],
    ['a project that is no number', 400, 'bad project path parameter', () => post(at('shop', project), body)],
    ['a key that is none', 400, 'bad sentry DSN public key', () => post(at(project.id, { publicKey: 'key' }), body)],
    [
      'two keys that differ',
      401,
      'multiple authorization payloads detected',
      () => post(at(project.id, project), body, { 'x-sentry-auth': credentials(other.publicKey) }),
    ],
    [
      'an envelope for another project',
      400,
      'invalid event envelope',
      () => post(at(project.id, project), makeEnvelope(makeEvent(), { dsn: other.dsn })),
    ],
    ['an envelope without a header', 400, 'invalid event envelope', () => post(at(project.id, project), 'no JSON')],
    ['no body', 400, 'empty request body', () => post(at(project.id, project), '')],
    [
      'an encoding nobody knows',
      415,
      'unsupported content encoding, use gzip, deflate, br or zstd',
      () => post(at(project.id, project), body, { 'content-encoding': 'rot13' }),
    ],
    [
      'gzip that is none',
      400,
      'invalid request body',
      () => post(at(project.id, project), 'not compressed at all', { 'content-encoding': 'gzip' }),
    ],
    [
      'an event without JSON at the store endpoint',
      400,
      'invalid JSON data',
      () => post(`/api/${project.id}/store/?sentry_key=${project.publicKey}`, '{"message":'),
    ],
    ['a route nobody serves', 404, 'not found', () => post(`/api/${project.id}/nothing/`, body)],
  ]

  test.each(refusals)('%s: %i', async (_name, status, detail, request) => {
    const response = await request()
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toMatchObject({ detail })
    if (status === 415) expect(response.headers.get('accept-encoding')).toBe('gzip, deflate, br, zstd')
    if (status !== 404) expect(response.headers.get('x-sentry-error')).toBe(detail)
  })
})

describe('a body over MAX_COMPRESSED_PAYLOAD_BYTES', () => {
  const bytesMax = 8 * KiB
  // More than the system buffers on its way: a gateway that hangs up leaves the sender without the answer.
  const tooLarge = Buffer.alloc(16 * MiB, ' ')
  let url: string

  beforeAll(async () => {
    const narrow = await stack.addGateway({ MAX_COMPRESSED_PAYLOAD_BYTES: String(bytesMax) })
    url = `http://127.0.0.1:${narrow.port}`
  })

  const ways: readonly [way: string, request: (path: string) => Buffer][] = [
    ['announces its length', (path) => rawPost(path, { 'Content-Length': String(tooLarge.length) }, tooLarge)],
    ['comes in chunks', (path) => chunkedPost(path, tooLarge)],
  ]

  test.each(ways)('is refused with 413 when it %s', async (_way, request) => {
    const answer = await sendThenRead(url, request(`/api/${project.id}/envelope/?sentry_key=${project.publicKey}`))
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('request body exceeds MAX_COMPRESSED_PAYLOAD_BYTES')
  })

  test('is not one that just fits', async () => {
    const body = makeEnvelope(makeEvent()).padEnd(bytesMax)
    expect((await postEnvelope(url, project, body)).status).toBe(200)
    expect((await postEnvelope(url, project, `${body} `)).status).toBe(413)
  })
})

test('an event is the same report in whatever encoding it comes', async () => {
  const own = await addProject(stack, 'Encodings')
  const encodings: readonly [string | null, (body: string) => string | Buffer<ArrayBuffer>][] = [
    [null, (body) => body],
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ]
  const timestamp = Date.now() / 1000
  for (const [encoding, encode] of encodings) {
    const body = makeEnvelope(makeEvent({ timestamp, release: 'shop@1.0', tags: { region: 'eu' } }))
    const headers: Headers = encoding === null ? {} : { 'content-encoding': encoding }
    expect((await postEnvelope(stack.gatewayUrl, own, encode(body), headers)).status, `${encoding}`).toBe(200)
  }
  const reports = await waitForReports(stack, own, { count: encodings.length })
  const alike = reports.map(({ event_id, archive_hash, received_at, digested_at, ...same }) => JSON.stringify(same))
  expect(new Set(alike).size, alike.join('\n')).toBe(1)
  expect(reports).toMatchObject(encodings.map(() => ({ release: 'shop@1.0', tags: { region: 'eu' } })))
})

describe('the store endpoint of older SDKs takes', () => {
  const shapes: readonly [shape: string, encode: (json: string) => string][] = [
    ['an event as JSON', (json) => json],
    ['an event as base64 of zlib', (json) => deflateSync(json).toString('base64')],
    ['an event as base64', (json) => Buffer.from(json).toString('base64')],
    ['an envelope', (json) => `{"event_id":"${JSON.parse(json).event_id}"}\n{"type":"event"}\n${json}`],
  ]

  test.each(shapes)('%s', async (shape, encode) => {
    const own = await addProject(stack, `Store ${shape}`)
    const event = makeEvent()
    const path = `/api/${own.id}/store/?sentry_key=${own.publicKey}`
    const response = await post(path, encode(JSON.stringify(event)))
    expect([response.status, await response.json()]).toEqual([200, { id: event.event_id }])
    expect(await waitForReports(stack, own)).toMatchObject([{ event_id: event.event_id, exception_type: 'Error' }])
  })
})

test('an envelope without an id is answered {} and digested under the id of its event', async () => {
  const own = await addProject(stack, 'No id')
  const event = makeEvent()
  const response = await postEnvelope(stack.gatewayUrl, own, makeEnvelope(event, { event_id: undefined }))
  expect([response.status, await response.json()]).toEqual([200, {}])
  expect(await waitForReports(stack, own)).toMatchObject([{ event_id: event.event_id }])
})

test('a path is served with and without its last slash and with repeated ones, never redirected', async () => {
  const own = await addProject(stack, 'Slashes')
  for (const endpoint of ['envelope', 'envelope/', 'store', 'store/', '/envelope//']) {
    const event = makeEvent()
    const body = endpoint.startsWith('store') ? JSON.stringify(event) : makeEnvelope(event)
    const url = `${stack.gatewayUrl}/api/${own.id}/${endpoint}?sentry_key=${own.publicKey}`
    const response = await fetch(url, { method: 'POST', body, redirect: 'error' })
    expect([response.status, await response.json()]).toEqual([200, { id: event.event_id }])
  }
  await waitForReports(stack, own, { count: 5 })
})

test('a page of any origin may ask first, and read the answer', async () => {
  const url = `${stack.gatewayUrl}/api/${project.id}/envelope/?sentry_key=${project.publicKey}`
  const origin = 'https://shop.example.com'
  const asked = await fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
  expect([asked.status, await asked.text()]).toEqual([200, ''])
  expect(asked.headers.get('access-control-allow-origin')).toBe('*')
  expect(asked.headers.get('access-control-allow-methods')).toBe('POST')
  expect(asked.headers.get('access-control-allow-headers')?.split(', ')).toEqual(
    expect.arrayContaining(['x-sentry-auth', 'content-type', 'content-encoding', 'baggage', 'sentry-trace']),
  )
  const answered = await fetch(url, { method: 'POST', body: makeEnvelope(makeEvent()), headers: { origin } })
  expect(answered.status).toBe(200)
  expect(answered.headers.get('access-control-allow-origin')).toBe('*')
  expect(answered.headers.get('access-control-expose-headers')).toBe(
    'x-sentry-error, x-sentry-rate-limits, retry-after',
  )
})

describe('a client that leaves right after its last byte still gets its event stored', () => {
  const cases: readonly [name: string, isKeyKnown: boolean, messageChars: number][] = [
    ['when its key must be looked up', false, 1],
    ['when its key is known', true, 1],
    ['when its event is large', true, 300 * KiB],
  ]

  test.each(cases)('%s', async (name, isKeyKnown, messageChars) => {
    const own = await addProject(stack, name)
    if (isKeyKnown) await postEnvelope(stack.gatewayUrl, own, 'no envelope')
    const event = makeEvent({ extra: { text: 'x'.repeat(messageChars) } })
    const body = makeEnvelope(event)
    const path = `/api/${own.id}/envelope/?sentry_key=${own.publicKey}`
    await sendAndLeave(stack.gatewayUrl, rawPost(path, { 'Content-Length': String(body.length) }, body))
    expect(await waitForReports(stack, own, { msMax: 5_000 })).toMatchObject([{ event_id: event.event_id }])
  })
})

test('an event without JSON is answered 200, ends in the ledger, and costs its neighbours nothing', async () => {
  const own = await addProject(stack, 'Broken')
  const events = Array.from({ length: 10 }, () => makeEvent())
  const broken = makeEvent()
  const bodies = [...events.map((event) => makeEnvelope(event)), makeEnvelope(broken).replace(/.$/, ',')]
  // At the same time, so that they share batches.
  const responses = await Promise.all(bodies.map((body) => postEnvelope(stack.gatewayUrl, own, body)))
  expect(responses.map(({ status }) => status)).toEqual(bodies.map(() => 200))
  const reports = await waitForReports(stack, own, { count: events.length })
  expect(reports.map(({ event_id }) => event_id).sort()).toEqual(events.map(({ event_id }) => event_id).sort())
  expect(await rejections(own)).toEqual([
    { item_type: 'event', code: 'bad_json', event_id: broken.event_id, quantity: 1 },
  ])
})

test('a decompression bomb costs the gateway next to nothing, and ends as rejected', async () => {
  const own = await addProject(stack, 'Bomb')
  const gateway = stack.gateways[0]
  const before = await peakMemoryMiB(gateway?.pid ?? 0)
  const events = Array.from({ length: 3 }, () => makeEvent())
  for (const event of events) {
    const body = gzipSync(Buffer.concat([Buffer.from(makeEnvelope(event)), Buffer.alloc(100 * MiB)]))
    const response = await postEnvelope(stack.gatewayUrl, own, body, { 'content-encoding': 'gzip' })
    expect([response.status, await response.json()]).toEqual([200, { id: event.event_id }])
  }
  const after = await peakMemoryMiB(gateway?.pid ?? 0)
  if (before !== null && after !== null) expect(after - before).toBeLessThan(60)
  const rejected = await rejections(own, events.length)
  expect(rejected.map(({ code }) => code)).toEqual(events.map(() => 'decoded_too_large'))
  await postEnvelope(stack.gatewayUrl, own, makeEnvelope(makeEvent()))
  await waitForReports(stack, own)
})

/** What the digest refused of a project, once it refused so much; the quantity is the ledger's. */
async function rejections({ id }: AddedProject, count = 1) {
  return await waitFor(`${count} rejected items`, async () => {
    const rows = await stack.sql`
      SELECT item_type, code, replace(event_id::text, '-', '') AS event_id,
        (SELECT sum(quantity)::int FROM analytics.outcomes
         WHERE project_id = ${id} AND item_type <> 'request' AND outcome = 'rejected' AND reason = digest_error.code) AS quantity
      FROM digest_error WHERE project_id = ${id} ORDER BY id`
    return rows.length >= count ? rows : null
  })
}
