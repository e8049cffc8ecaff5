import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { type Case, conform, type Door, HEX_ID, keyed } from '../support/conform.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// Envelopes of Sentry's protocol, edge cases 29 to 36 and 40 to 45: what payloads may look like, and what they cost.

const MiB = 1024 * 1024
const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const HEAD = `{"event_id":"${ID}"}`
const EVENT = '{"type":"event"}\n{"message":"x"}'

let stack: Stack
let door: Door

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  await stack.addWorker({ MAX_UNCOMPRESSED_PAYLOAD_BYTES: `${4 * MiB}` })
  door = { stack, project: await addProject(stack, 'Payloads') }
})

afterAll(() => stack?.stop())

const envelope = (items: string | Uint8Array) => Buffer.concat([Buffer.from(`${HEAD}\n`), Buffer.from(items)])

/** The digest of an envelope that is answered 200. */
async function expectDigest(name: string, items: string | Uint8Array, digest: NonNullable<Case['digest']>) {
  const request = (to: AddedProject) => ({ path: keyed(to, 'envelope/'), body: envelope(items) })
  await conform(door, { name, request, status: 200, body: { id: ID }, digest })
}

const rejected = (error: string) => ({
  reports: [],
  errors: [error],
  outcomes: { [`${error.split(' ')[0]} rejected`]: 1 },
})

describe('row 29: an event is refused by the digest, not by the door, when its payload', () => {
  const payloads: readonly [what: string, payload: string][] = [
    ['is text', 'boom'],
    ['is cut', '{"message":"x"'],
    ['is a list', '[{"message":"x"}]'],
    ['is a string', '"boom"'],
    ['is a number', '7'],
    ['is null', 'null'],
    ['is empty', ''],
  ]
  test.each(payloads)('%s', async (what, payload) => {
    await expectDigest(what, `{"type":"event"}\n${payload}`, rejected('event bad_json'))
  })
})

describe('row 30: a bad payload costs the event beside it nothing, in', () => {
  // biome-ignore format: a list of words
  const types = ['session', 'sessions', 'client_report', 'user_report', 'check_in', 'feedback', 'transaction', 'log', 'raw_security']
  test.each(types)('a %s', async (type) => {
    await expectDigest(`bad ${type}`, `{"type":"${type}"}\n{"broken":\n${EVENT}`, {
      reports: [{ event_id: ID, title: 'x' }],
      errors: [`${type} bad_json`],
      outcomes: { 'event stored': 1, [`${type} rejected`]: 1 },
    })
  })

  const odd: readonly [what: string, header: string, payload: string, error: string][] = [
    ['a session without a release', '{"type":"session"}', '{"started":"2026-01-01T00:00:00Z"}', 'session bad_session'],
    ['a session of a status nobody knows', '{"type":"session"}', session({ status: 'lost' }), 'session bad_session'],
    ['sums of sessions without a release', '{"type":"sessions"}', '{"aggregates":[]}', 'sessions bad_session'],
    ['a check-in of no monitor', '{"type":"check_in"}', '{"status":"ok"}', 'check_in bad_check_in'],
    ['a report in which nobody says anything', '{"type":"user_report"}', '{}', 'user_report bad_user_report'],
    ['feedback without a word', '{"type":"feedback"}', '{"contexts":{"feedback":{}}}', 'feedback bad_feedback'],
    ['a report no browser sends', '{"type":"raw_security"}', '{}', 'raw_security bad_security_report'],
  ]
  test.each(odd)('%s', async (what, header, payload, error) => {
    await expectDigest(what, `${header}\n${payload}\n${EVENT}`, {
      reports: [{ event_id: ID, title: 'x' }],
      errors: [error],
      outcomes: { 'event stored': 1, [`${error.split(' ')[0]} rejected`]: 1 },
    })
  })

  test('a transaction with nothing in it: it happened on receipt', async () => {
    await expectDigest('empty transaction', `{"type":"transaction"}\n{}\n${EVENT}`, {
      reports: [{ event_id: ID, title: 'x' }],
      errors: [],
      outcomes: { 'event stored': 1, 'transaction stored': 1 },
      rows: { transactions: [{ event_id: ID, name: null, duration_ms: 0 }] },
    })
  })
})

test('row 31: the first of two events is kept, the second is in the ledger', async () => {
  await expectDigest('two events', `${EVENT}\n{"type":"event"}\n{"message":"y"}`, {
    reports: [{ event_id: ID, title: 'x' }],
    errors: ['event second_event'],
    outcomes: { 'event stored': 1, 'event rejected': 1 },
  })
})

describe('row 33: an event', () => {
  const event = (bytes: number) => {
    const payload = '{"message":"x","extra":{"text":""}}'
    return payload.replace('""', `"${'y'.repeat(bytes - payload.length)}"`)
  }
  test('of 1 MiB is kept', async () => {
    const outcomes = { 'event stored': 1 }
    await expectDigest('large', `{"type":"event"}\n${event(MiB)}`, { reports: [{ title: 'x' }], errors: [], outcomes })
  })
  test('of one byte more is in the ledger', async () => {
    await expectDigest('too large', `{"type":"event"}\n${event(MiB + 1)}`, rejected('event item_too_large'))
  })
  test('of one byte more is refused at once where it must be decoded at once', async () => {
    await conform(door, {
      name: 'too large a store body',
      request: (to) => ({ path: keyed(to, 'store/'), body: event(MiB + 1) }),
      status: 413,
      body: expect.objectContaining({ detail: 'event exceeds MAX_EVENT_BYTES' }),
    })
  })
})

describe('rows 35 and 36: a compressed envelope', () => {
  const gzip = (to: AddedProject, body: Uint8Array<ArrayBuffer>) => ({
    path: keyed(to, 'envelope/'),
    headers: { 'content-encoding': 'gzip' },
    body,
  })
  const whole = gzipSync(envelope(`${EVENT}\n{"type":"attachment"}\n${noise(4_000)}`))
  const cases: readonly Case[] = [
    {
      name: 'that is plain in spite of its header is taken as it is',
      request: (to) => gzip(to, envelope(EVENT)),
      status: 200,
      body: { id: ID },
      digest: { reports: [{ event_id: ID }], errors: [], outcomes: { 'event stored': 1 } },
    },
    {
      name: 'that is neither plain nor gzip is refused',
      request: (to) => gzip(to, Buffer.from('not compressed at all')),
      status: 400,
      body: expect.objectContaining({ detail: 'invalid request body' }),
    },
    {
      name: 'that ends before its header does is refused',
      request: (to) => gzip(to, whole.subarray(0, 20)),
      status: 400,
    },
    {
      name: 'that is cut behind its header is in the ledger',
      request: (to) => gzip(to, whole.subarray(0, whole.length - 500)),
      status: 200,
      body: { id: ID },
      digest: rejected('envelope undecodable_body'),
    },
    {
      name: 'beyond MAX_UNCOMPRESSED_PAYLOAD_BYTES is in the ledger',
      request: (to) => gzip(to, gzipSync(envelope(`${EVENT}\n${' '.repeat(5 * MiB)}`))),
      status: 200,
      body: { id: ID },
      digest: rejected('envelope decoded_too_large'),
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('row 40: an envelope posted to /store/ is one', () => {
  const digest = { reports: [{ event_id: ID, title: 'x' }], errors: [], outcomes: { 'event stored': 1 } }
  const types: readonly [how: string, headers: Readonly<Record<string, string>>][] = [
    ['by its content type', { 'content-type': 'application/x-sentry-envelope' }],
    ['by a content type with parameters', { 'content-type': 'application/x-sentry-envelope; charset=utf-8' }],
    ['by its looks', { 'content-type': 'application/json' }],
    ['by its looks, without a type', {}],
  ]
  test.each(types)('%s', async (how, headers) => {
    const request = (to: AddedProject) => ({ path: keyed(to, 'store/'), headers, body: envelope(EVENT) })
    await conform(door, { name: how, request, status: 200, body: { id: ID }, digest })
  })
})

describe('odd JSON costs the event nothing', () => {
  const nested = `${'['.repeat(500)}${']'.repeat(500)}`
  const odd: readonly [what: string, payload: string | Uint8Array, report: Readonly<Record<string, unknown>>][] = [
    ['row 41: bytes that are no UTF-8', Buffer.from('{"message":"a\xffb"}', 'latin1'), { title: 'a\ufffdb' }],
    ['row 42: NUL', '{"message":"a\\u0000b"}', { title: 'a\ufffdb' }],
    ['row 42: half a surrogate pair', '{"message":"a\\ud800b"}', { title: 'a\ufffdb' }],
    ['row 43: NaN', '{"message":"x","extra":{"ratio":NaN}}', { title: 'x' }],
    ['row 43: Infinity and its negative', '{"message":"x","extra":{"a":[Infinity,-Infinity]}}', { title: 'x' }],
    ['row 43: the words in a text', '{"message":"NaN of Infinity","extra":NaN}', { title: 'NaN of Infinity' }],
    ['row 44: a name given twice', '{"message":"first","message":"last"}', { title: 'last' }],
    ['row 45: 500 levels of nesting', `{"message":"x","extra":{"deep":${nested}}}`, { title: 'x' }],
    ['a byte order mark', '\ufeff{"message":"x"}', { title: 'x' }],
    ['a member named __proto__', '{"message":"x","__proto__":{"message":"y"}}', { title: 'x' }],
    ['nothing in it', '{}', { event_id: expect.stringMatching(HEX_ID) }],
    ['fields of the wrong type', '{"message":"x","level":[],"tags":7,"user":"u","exception":true}', { title: 'x' }],
  ]
  test.each(odd)('%s', async (what, payload, report) => {
    const items = Buffer.concat([Buffer.from('{"type":"event"}\n'), Buffer.from(payload)])
    await expectDigest(what, items, { reports: [report], errors: [], outcomes: { 'event stored': 1 } })
  })
})

function session(said: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ started: new Date(), attrs: { release: 'shop@1' }, ...said })
}

/** Text that does not compress, the same in every run. */
function noise(chars: number): string {
  let state = 1
  return Array.from({ length: chars }, () => {
    state = (state * 48_271) % 2_147_483_647
    return String.fromCharCode(33 + (state % 90))
  }).join('')
}
