import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import type { WireRequest } from '../support/ask.ts'
import { type Case, conform, type Door, error } from '../support/conform.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// Where a request may carry its key, and what wins when it carries several (Sentry's protocol, authentication).

const NOBODYS = '0'.repeat(32)

let stack: Stack
let door: Door
let other: AddedProject

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  door = { stack, project: await addProject(stack, 'Keys') }
  other = await addProject(stack, 'Other')
})

afterAll(() => stack?.stop())

/** What a place adds to a request that carries `key`; null: the place is there, but holds no key. */
type Place = (
  key: string | null,
  to: AddedProject,
) => { query?: string; headers?: Record<string, string>; dsn?: string }

const credentials = (key: string | null) =>
  key === null ? 'Sentry sentry_version=7' : `Sentry sentry_version=7, sentry_key=${key}`
const basic = (user: string) => `Basic ${Buffer.from(`${user}:`).toString('base64')}`

const PLACES = {
  'X-Sentry-Auth': (key) => ({ headers: { 'x-sentry-auth': credentials(key) } }),
  'Authorization: Sentry': (key) => ({ headers: { authorization: credentials(key) } }),
  'Authorization: Basic': (key) => ({ headers: { authorization: basic(key ?? '') } }),
  'the query': (key) => ({ query: key === null ? 'sentry_version=7' : `sentry_version=7&sentry_key=${key}` }),
  'the dsn of the envelope': (key, to) => ({ dsn: `https://${key ?? ''}${key ? '@' : ''}x.example/${to.id}` }),
} as const satisfies Record<string, Place>

type PlaceName = keyof typeof PLACES

/** An envelope that shows so many keys at its places. */
function show(to: AddedProject, shown: readonly (readonly [place: PlaceName, key: string | null])[]): WireRequest {
  const parts = shown.map(([place, key]) => (PLACES[place] satisfies Place as Place)(key, to))
  const query = parts.flatMap((part) => part.query ?? []).join('&')
  const [dsn] = parts.flatMap((part) => part.dsn ?? [])
  return {
    path: `/api/${to.id}/envelope/${query === '' ? '' : `?${query}`}`,
    headers: Object.assign({}, ...parts.map((part) => part.headers)),
    body: `${JSON.stringify({ dsn })}\n{"type":"event"}\n{"message":"x"}`,
  }
}

const REJECTED = error('event submission rejected with_reason: ProjectId')
const MISSING = error('missing authorization information')
const MULTIPLE = error('multiple authorization payloads detected')
const BAD_KEY = error('bad sentry DSN public key', 'invalid project key')
const NO_KEY = error('bad x-sentry-auth header', 'missing public key in auth header')
const BAD_DSN = error('bad envelope authentication header')
const anyOf = (...details: readonly string[]) => expect.objectContaining({ detail: expect.toBeOneOf([...details]) })

/** One key at one place: {right, nobody's, another project's, malformed, missing}. */
const ALONE: Record<PlaceName, { malformed: [number, unknown]; missing: [number, unknown] }> = {
  'X-Sentry-Auth': { malformed: [400, BAD_KEY], missing: [401, NO_KEY] },
  'Authorization: Sentry': { malformed: [400, BAD_KEY], missing: [401, NO_KEY] },
  // One that holds no key is somebody else's, and then nothing speaks for the request.
  'Authorization: Basic': {
    malformed: [401, anyOf('missing authorization information', 'bad envelope authentication header')],
    missing: [401, anyOf('missing authorization information', 'bad envelope authentication header')],
  },
  'the query': { malformed: [400, BAD_KEY], missing: [401, NO_KEY] },
  'the dsn of the envelope': { malformed: [401, BAD_DSN], missing: [401, BAD_DSN] },
}

describe.each(Object.entries(ALONE) as [PlaceName, (typeof ALONE)[PlaceName]][])(
  'in %s alone',
  (place, { malformed, missing }) => {
    const cases: readonly Case[] = [
      { name: 'the right key lets in', request: (to) => show(to, [[place, to.publicKey]]), status: 200, body: {} },
      {
        name: 'the key of nobody does not',
        request: (to) => show(to, [[place, NOBODYS]]),
        status: 403,
        body: REJECTED,
      },
      {
        name: 'the key of another project does not',
        request: (to) => show(to, [[place, other.publicKey]]),
        status: 403,
        body: REJECTED,
      },
      {
        name: 'a key too short does not',
        request: (to) => show(to, [[place, to.publicKey.slice(1)]]),
        status: malformed[0],
        body: malformed[1],
      },
      {
        name: 'a key too long does not',
        request: (to) => show(to, [[place, `${to.publicKey}0`]]),
        status: malformed[0],
        body: malformed[1],
      },
      { name: 'no key does not', request: (to) => show(to, [[place, null]]), status: missing[0], body: missing[1] },
    ]
    test.each(cases)('$name', async (one) => {
      await conform(door, one)
    })
  },
)

/** Places that can be filled in the same request; Basic and Sentry are one header. */
const PAIRS = [
  ['X-Sentry-Auth', 'Authorization: Sentry'],
  ['X-Sentry-Auth', 'the query'],
  ['Authorization: Sentry', 'the query'],
] as const satisfies readonly (readonly [PlaceName, PlaceName])[]

describe.each(PAIRS)('in %s and %s', (one, two) => {
  const cases: readonly Case[] = [
    {
      name: 'the same key is one key',
      request: (to) =>
        show(to, [
          [one, to.publicKey],
          [two, to.publicKey],
        ]),
      status: 200,
    },
    {
      name: 'the same key with a flag is one key',
      request: (to) =>
        show(to, [
          [one, to.publicKey],
          [two, `${to.publicKey}.no-cache`],
        ]),
      status: 200,
    },
    {
      name: 'two keys are one too many',
      request: (to) =>
        show(to, [
          [one, to.publicKey],
          [two, NOBODYS],
        ]),
      status: 401,
      body: MULTIPLE,
    },
    {
      name: 'two keys are one too many in the other order',
      request: (to) =>
        show(to, [
          [one, NOBODYS],
          [two, to.publicKey],
        ]),
      status: 401,
      body: MULTIPLE,
    },
    {
      name: 'a place without a key does not count',
      request: (to) =>
        show(to, [
          [one, to.publicKey],
          [two, null],
        ]),
      status: 200,
    },
  ]
  test.each(cases)('$name', async (given) => {
    await conform(door, given)
  })
})

describe('a proxy’s own Basic does not count beside', () => {
  const places = ['X-Sentry-Auth', 'the query', 'the dsn of the envelope'] as const
  test.each(places)('%s', async (place) => {
    const request = (to: AddedProject) => {
      const shown = show(to, [[place, to.publicKey]])
      return { ...shown, headers: { ...shown.headers, authorization: basic('operator') } }
    }
    await conform(door, { name: place, request, status: 200 })
  })

  test.each(['X-Sentry-Auth', 'the query'] as const)('%s even when it is another key', async (place) => {
    const request = (to: AddedProject) =>
      show(to, [
        [place, to.publicKey],
        ['Authorization: Basic', NOBODYS],
      ])
    await conform(door, { name: place, request, status: 200 })
  })
})

describe('the key of an envelope’s dsn counts only when there is no other:', () => {
  const cases: readonly Case[] = [
    {
      name: 'it may repeat the other',
      request: (to) =>
        show(to, [
          ['the query', to.publicKey],
          ['the dsn of the envelope', to.publicKey],
        ]),
      status: 200,
    },
    {
      name: 'it may not contradict the other',
      request: (to) =>
        show(to, [
          ['the query', to.publicKey],
          ['the dsn of the envelope', NOBODYS],
        ]),
      status: 400,
      body: error('invalid event envelope', 'public key header mismatch between envelope and request'),
    },
    {
      name: 'it must be of the project in the path',
      request: (to) => ({ path: `/api/${to.id}/envelope/`, body: JSON.stringify({ dsn: other.dsn }) }),
      status: 400,
      body: error('invalid event envelope', 'project id header mismatch between envelope and request'),
    },
    {
      name: 'a header that is no JSON is none',
      request: (to) => ({ path: `/api/${to.id}/envelope/`, body: 'no JSON' }),
      status: 401,
      body: BAD_DSN,
    },
    {
      name: 'a dsn that is none is none',
      request: (to) => ({ path: `/api/${to.id}/envelope/`, body: '{"dsn":"shop"}' }),
      status: 401,
      body: BAD_DSN,
    },
    {
      name: 'a header without one is none',
      request: (to) => ({ path: `/api/${to.id}/envelope/`, body: '{}' }),
      status: 401,
      body: anyOf('missing authorization information', 'bad envelope authentication header'),
    },
    {
      name: 'it does not count at /store/',
      request: (to) => ({ ...show(to, [['the dsn of the envelope', to.publicKey]]), path: `/api/${to.id}/store/` }),
      status: 401,
      body: MISSING,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('without any key nothing is let in, at', () => {
  test.each([
    'envelope/',
    'store/',
    'security/',
    'csp-report/',
    'nel/',
    'minidump/',
    'cron/nightly/',
    `events/${'a'.repeat(32)}/attachments/`,
  ])('%s', async (rest) => {
    const request = (to: AddedProject) => ({
      path: `/api/${to.id}/${rest}`,
      headers: { 'content-type': 'application/json' },
      body: '{"status":"ok"}',
    })
    await conform(door, { name: rest, request, status: 401, body: MISSING })
  })
  test('/api/store/', async () => {
    await conform(door, {
      name: 'store',
      request: () => ({ path: '/api/store/', body: '{}' }),
      status: 401,
      body: MISSING,
    })
  })
})

describe('the key in the path of a cron route', () => {
  const cron = (to: AddedProject, key: string, headers = {}) => ({
    method: 'GET',
    path: `/api/${to.id}/cron/nightly/${key}/?status=ok`,
    headers,
  })
  const header = (key: string) => ({ 'x-sentry-auth': credentials(key) })
  const cases: readonly Case[] = [
    { name: 'lets in', request: (to) => cron(to, to.publicKey), status: 202 },
    { name: 'may be of nobody', request: (to) => cron(to, NOBODYS), status: 403, body: REJECTED },
    { name: 'may be malformed', request: (to) => cron(to, 'key'), status: 400, body: BAD_KEY },
    { name: 'may be repeated', request: (to) => cron(to, to.publicKey, header(to.publicKey)), status: 202 },
    {
      name: 'may not be contradicted',
      request: (to) => cron(to, to.publicKey, header(NOBODYS)),
      status: 401,
      body: MULTIPLE,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })
})

describe('a project', () => {
  test('is opened by each of its keys, and by none that is revoked', async () => {
    const own = await addProject(stack, 'Several keys')
    const [second, revoked] = ['1'.repeat(32), '2'.repeat(32)]
    await stack.sql`INSERT INTO project_key (project_id, public_key) VALUES (${own.id}, ${second})`
    await stack.sql`INSERT INTO project_key (project_id, public_key, revoked_at) VALUES (${own.id}, ${revoked}, now())`
    const at = { ...door, project: own }
    await conform(at, { name: 'first', request: (to) => show(to, [['the query', to.publicKey]]), status: 200 })
    await conform(at, { name: 'second', request: (to) => show(to, [['the query', second]]), status: 200 })
    await conform(at, {
      name: 'revoked',
      request: (to) => show(to, [['the query', revoked]]),
      status: 403,
      body: REJECTED,
    })
  })

  test('that is being deleted is opened by none', async () => {
    const own = await addProject(stack, 'Going')
    await stack.sql`UPDATE project SET status = 'deleting' WHERE id = ${own.id}`
    const request = (to: AddedProject) => show(to, [['the query', to.publicKey]])
    await conform({ ...door, project: own }, { name: 'going', request, status: 403, body: REJECTED })
  })

  test('of another with the same key is another', async () => {
    const own = await addProject(stack, 'Twin')
    await stack.sql`UPDATE project_key SET public_key = ${door.project.publicKey} WHERE project_id = ${own.id}`
    const twin = { ...own, publicKey: door.project.publicKey }
    const request = (to: AddedProject) => show(to, [['the query', to.publicKey]])
    await conform({ ...door, project: twin }, { name: 'twin', request, status: 200 })
    await conform(door, { name: 'first', request, status: 200 })
  })
})
