import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { type Case, conform, type Door, error, HEX_ID, keyed, lines } from '../support/conform.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// Envelopes of Sentry's protocol, edge cases 1 to 9, 37 and 38: what the door says of a header, and what comes of it.

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const HEAD = `{"event_id":"${ID}"}`
const EVENT = '{"type":"event"}\n{"message":"x"}'

let stack: Stack
let door: Door
let other: AddedProject

beforeAll(async () => {
  stack = await startStack()
  door = { stack, project: await addProject(stack, 'Framing') }
  other = await addProject(stack, 'Other')
})

afterAll(() => stack?.stop())

const post = (body: string | Uint8Array<ArrayBuffer>) => (to: AddedProject) => ({ path: keyed(to, 'envelope/'), body })

/** Kept, as one report of the event. */
const stored = { errors: [], outcomes: { 'event stored': 1 } }
/** Kept, and nothing in it. */
const nothing = { reports: [], errors: [], outcomes: {} }

describe('a body without an envelope header is refused', () => {
  const empty = { status: 400, body: error('empty request body') }
  const missing = { status: 400, body: error('invalid event envelope', 'missing envelope header') }
  const invalid = {
    status: 400,
    body: {
      detail: 'invalid event envelope',
      causes: expect.arrayContaining([expect.stringContaining('invalid envelope header')]),
    },
  }
  const cases: readonly Case[] = [
    { name: 'row 1: nothing at all', request: post(''), ...empty },
    { name: 'row 2: a blank', request: post(' '), ...missing },
    { name: 'row 2: empty lines', request: post('\n\n'), ...missing },
    { name: 'row 2: white space of every kind', request: post('\r\n\t '), ...missing },
    { name: 'row 3: text', request: post(`hello\n${EVENT}`), ...invalid },
    { name: 'row 3: a list', request: post(`[]\n${EVENT}`), ...invalid },
    { name: 'row 3: a string', request: post(`"x"\n${EVENT}`), ...invalid },
    { name: 'row 3: a number', request: post('42\n'), ...invalid },
    { name: 'row 3: null', request: post('null\n'), ...invalid },
    { name: 'row 3: an object with a fault in it', request: post(`{"a":}\n${EVENT}`), ...invalid },
    { name: 'row 3: an object that does not end', request: post('{"a":1\n'), ...invalid },
    { name: 'row 3: bytes that are no text', request: post(Buffer.from([0xff, 0xfe, 0x00, 0x80])), ...invalid },
    { name: 'a header beyond 64 KiB', request: post(`{"a":"${'x'.repeat(65 * 1024)}"}\n${EVENT}`), ...invalid },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('an envelope header is understood', () => {
  const ours = { status: 200, body: { id: ID }, digest: { ...stored, reports: [{ event_id: ID, title: 'x' }] } }
  const cases: readonly Case[] = [
    { name: 'row 4: behind a byte order mark', request: post(`\ufeff${HEAD}\n${EVENT}`), ...ours },
    { name: 'behind blank lines', request: post(`\n \n${HEAD}\n${EVENT}`), ...ours },
    { name: 'on several lines', request: post(`{\n  "event_id": "${ID}"\n}\n${EVENT}`), ...ours },
    { name: 'as large as a full trace context', request: post(`${withText(ID, 60_000)}\n${EVENT}`), ...ours },
    { name: 'row 9: with a CR before its LF', request: post(`${HEAD}\r\n${EVENT}`), ...ours },
    {
      name: 'row 37: with a sent_at that is no time',
      request: post(`${withSentAt('"yesterday"')}\n${EVENT}`),
      ...ours,
    },
    { name: 'row 37: with a sent_at that is a list', request: post(`${withSentAt('[]')}\n${EVENT}`), ...ours },
    { name: 'with sent_at null', request: post(`${withSentAt('null')}\n${EVENT}`), ...ours },
    { name: 'with a malformed trace', request: post(`{"event_id":"${ID}","trace":7}\n${EVENT}`), ...ours },
    { name: 'with a malformed sdk', request: post(`{"event_id":"${ID}","sdk":[1]}\n${EVENT}`), ...ours },
    { name: 'with names nobody knows', request: post(`{"event_id":"${ID}","retention":1,"x":{}}\n${EVENT}`), ...ours },
    {
      name: 'with a name given twice',
      request: post(`{"event_id":"${'a'.repeat(32)}",${HEAD.slice(1)}\n${EVENT}`),
      ...ours,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('a header alone is an envelope with nothing in it', () => {
  const cases: readonly Case[] = [
    { name: 'row 5: answered its id', request: post(HEAD), status: 200, body: { id: ID }, digest: nothing },
    { name: 'row 5: with a last LF', request: post(`${HEAD}\n`), status: 200, body: { id: ID }, digest: nothing },
    { name: 'row 5: without an id, answered none', request: post('{}'), status: 200, body: {}, digest: nothing },
    { name: 'row 5: without an id, with a LF', request: post('{}\n'), status: 200, body: {}, digest: nothing },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('the id of an event', () => {
  const none = { status: 200, body: {} }
  const own = '0123456789abcdef0123456789abcdef'
  const made = { ...stored, reports: [{ event_id: expect.stringMatching(HEX_ID), title: 'x' }] }
  const ours = { status: 200, body: { id: ID }, digest: { ...stored, reports: [{ event_id: ID }] } }
  const both = `{"type":"event"}\n{"event_id":"${own}","message":"x"}`
  const dashed = '9ec79c33-ec99-42ab-8353-589fcb2e04dc'
  const cases: readonly Case[] = [
    { name: 'row 6: is made where there is none anywhere', request: post(`{}\n${EVENT}`), ...none, digest: made },
    { name: 'row 7: is the one of the header where they differ', request: post(`${HEAD}\n${both}`), ...ours },
    {
      name: 'is the one of the payload where the header has none',
      request: post(`{}\n${both}`),
      ...none,
      digest: { ...stored, reports: [{ event_id: own }] },
    },
    { name: 'counts with dashes', request: post(`{"event_id":"${dashed}"}\n${EVENT}`), ...ours },
    { name: 'counts in capitals', request: post(`{"event_id":"${ID.toUpperCase()}"}\n${EVENT}`), ...ours },
    { name: 'may be null', request: post(`{"event_id":null}\n${EVENT}`), ...none, digest: made },
    {
      name: 'is none when it is nil',
      request: post(`{"event_id":"${'0'.repeat(32)}"}\n${EVENT}`),
      ...none,
      digest: made,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })

  test.each(['"abc"', '12', '{}', '""', 'true', `"${'g'.repeat(32)}"`])('row 8: cannot be %s', async (id) => {
    await conform(door, {
      name: id,
      request: post(`{"event_id":${id}}\n${EVENT}`),
      status: 400,
      body: error('invalid event envelope'),
    })
  })
})

describe('row 38: the dsn of an envelope', () => {
  const envelope = (dsn: unknown) => lines({ event_id: ID, dsn }, { type: 'event' }, { message: 'x' })
  const invalid = (cause: string) => ({
    status: 400,
    body: error('invalid event envelope', `${cause} header mismatch between envelope and request`),
  })
  const cases: readonly Case[] = [
    {
      name: 'is its own project and key',
      request: (to) => ({ path: keyed(to, 'envelope/'), body: envelope(to.dsn) }),
      status: 200,
      digest: stored,
    },
    {
      name: 'may name another host, scheme, port, path and secret',
      request: (to) => ({
        path: keyed(to, 'envelope/'),
        body: envelope(`https://${to.publicKey}:secret@elsewhere.example:8443/a/b/${to.id}`),
      }),
      status: 200,
      digest: stored,
    },
    { name: 'may be null', request: post(envelope(null)), status: 200, digest: stored },
    {
      name: 'may not name another project',
      request: (to) => ({
        path: keyed(to, 'envelope/'),
        body: envelope(`https://${to.publicKey}@elsewhere.example/${other.id}`),
      }),
      ...invalid('project id'),
    },
    {
      name: 'may not name another key',
      request: (to) => ({
        path: keyed(to, 'envelope/'),
        body: envelope(`https://${other.publicKey}@elsewhere.example/${to.id}`),
      }),
      ...invalid('public key'),
    },
    { name: 'may not be text', request: post(envelope('shop')), status: 400, body: error('invalid event envelope') },
    { name: 'may not be a number', request: post(envelope(7)), status: 400, body: error('invalid event envelope') },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('an envelope is one whatever its content type', () => {
  const types: readonly (string | null)[] = [
    'application/x-sentry-envelope',
    'text/plain;charset=UTF-8',
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    'image/png',
    null,
  ]
  test.each(types)('%s', async (type) => {
    await conform(door, {
      name: `Type ${type}`,
      request: (to) => ({
        path: keyed(to, 'envelope/'),
        headers: type === null ? {} : { 'content-type': type },
        body: `${HEAD}\n${EVENT}`,
      }),
      status: 200,
      body: { id: ID },
      digest: { ...stored, reports: [{ event_id: ID }] },
    })
  })
})

function withSentAt(json: string): string {
  return `{"event_id":"${ID}","sent_at":${json}}`
}

/** A header with a text of so many characters before its id: more than is inflated at first. */
function withText(id: string, chars: number): string {
  return JSON.stringify({ trace: { transaction: 'x'.repeat(chars) }, event_id: id })
}
