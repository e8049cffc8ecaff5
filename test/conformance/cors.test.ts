import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { ask, type WireRequest } from '../support/ask.ts'
import { brokenPromises } from '../support/broken-promises.ts'
import { keyed } from '../support/conform.ts'
import { openRawConnection } from '../support/raw-connection.ts'
import { rawPost } from '../support/raw-request.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { ROUTES } from './routes.ts'

// A browser hides from a page what an answer of another origin does not open to it: every status has to.

const ORIGIN = { origin: 'https://shop.example' }
const ENVELOPE = '{}\n{"type":"event"}\n{"message":"x"}'

let stack: Stack
let project: AddedProject
/** The database refuses what this one sends, and nothing of anybody else. */
let unkeepable: AddedProject
let limited: AddedProject
let hasty: string

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  project = await addProject(stack, 'Pages')
  unkeepable = await addProject(stack, 'Unkeepable')
  limited = await addProject(stack, 'Limited')
  await stack.sql`UPDATE project SET rate_limit_per_sec = 1 WHERE id = ${limited.id}`
  await stack.sql.unsafe(`
    CREATE FUNCTION refuse_archive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by the test'; END $$;
    CREATE TRIGGER refuse_archive BEFORE INSERT ON archive FOR EACH ROW WHEN (NEW.project_id = ${unkeepable.id})
    EXECUTE FUNCTION refuse_archive()`)
  const gateway = await stack.addGateway({ BODY_FIRST_BYTE_TIMEOUT_SECS: '1', MAX_COMPRESSED_PAYLOAD_BYTES: '1024' })
  hasty = `http://127.0.0.1:${gateway.port}`
})

afterAll(() => stack?.stop())

describe('the answer is open to every page when its status is', () => {
  const statuses: readonly [status: number, request: () => WireRequest][] = [
    [200, () => ({ path: keyed(project, 'envelope/'), body: ENVELOPE })],
    [201, () => ROUTES.find(({ status }) => status === 201)?.request(project) ?? { path: '' }],
    [202, () => ROUTES.find(({ status }) => status === 202)?.request(project) ?? { path: '' }],
    [400, () => ({ path: keyed(project, 'envelope/'), body: 'no JSON' })],
    [401, () => ({ path: `/api/${project.id}/store/`, body: ENVELOPE })],
    [403, () => ({ path: keyed({ ...project, publicKey: unkeepable.publicKey }, 'envelope/'), body: ENVELOPE })],
    [404, () => ({ path: keyed(project, 'nothing/'), body: ENVELOPE })],
    [405, () => ({ method: 'PUT', path: keyed(project, 'envelope/'), body: ENVELOPE })],
    [415, () => ({ path: keyed(project, 'envelope/'), headers: { 'content-encoding': 'rot13' }, body: ENVELOPE })],
    [503, () => ({ path: keyed(unkeepable, 'envelope/'), body: ENVELOPE })],
  ]
  test.each(statuses)('%i', async (status, request) => {
    const given = request()
    const answer = await ask(stack.gatewayUrl, { ...given, headers: { ...given.headers, ...ORIGIN } })
    expect(answer.status, answer.text).toBe(status)
    expect(brokenPromises(answer)).toEqual([])
  })

  test('413', async () => {
    const answer = await ask(hasty, { path: keyed(project, 'envelope/'), headers: ORIGIN, body: 'x'.repeat(2_000) })
    expect(answer.status).toBe(413)
    expect(brokenPromises(answer)).toEqual([])
  })

  test('429', async () => {
    const request = { path: keyed(limited, 'envelope/'), headers: ORIGIN, body: `{"event_id":"${'a'.repeat(32)}"}` }
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(stack.gatewayUrl, request)))
    const refused = answers.find(({ status }) => status === 429)
    if (!refused) expect.fail(`never limited: ${answers.map(({ status }) => status)}`)
    expect(brokenPromises(refused)).toEqual([])
  })

  test('408', async () => {
    const connection = await openRawConnection(hasty)
    connection.write(rawPost(keyed(project, 'envelope/'), { Origin: ORIGIN.origin, 'Content-Length': '10' }, ''))
    const answer = await connection.received(/^HTTP\/1\.1 408 [\s\S]*\r\n\r\n/)
    connection.close()
    expect(answer).toMatch(/^access-control-allow-origin: \*\r$/im)
    expect(answer).toMatch(/^access-control-expose-headers: x-sentry-error, x-sentry-rate-limits, retry-after\r$/im)
    expect(answer).toMatch(/^cross-origin-resource-policy: cross-origin\r$/im)
  })
})

describe('a page may ask first whether it may send', () => {
  const asking = {
    ...ORIGIN,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'x-sentry-auth',
  }
  const routes = ROUTES.filter(({ name }) => name.startsWith('POST'))

  test.each(routes)('$name', async ({ request }) => {
    const { path } = request(project)
    const answer = await ask(stack.gatewayUrl, { method: 'OPTIONS', path, headers: asking })
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-methods')).toBe('POST')
    expect(answer.headers.get('access-control-max-age')).toBe('3600')
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
  })

  const anywhere: readonly [where: string, path: () => string][] = [
    ['without a key', () => `/api/${project.id}/envelope/`],
    ['without a last slash', () => `/api/${project.id}/envelope`],
    ['with slashes repeated', () => `//api//${project.id}//envelope//`],
    ['with the key of nobody', () => `/api/${project.id}/envelope/?sentry_key=${'0'.repeat(32)}`],
  ]
  test.each(anywhere)('%s', async (_where, path) => {
    const answer = await ask(stack.gatewayUrl, { method: 'OPTIONS', path: path(), headers: asking })
    expect([answer.status, answer.text]).toEqual([200, ''])
  })

  test('and is told exactly what Relay tells, and the headers of tracing besides', async () => {
    const answer = await ask(stack.gatewayUrl, {
      method: 'OPTIONS',
      path: keyed(project, 'envelope/'),
      headers: asking,
    })
    expect(answer.headers.get('access-control-allow-headers')).toBe(
      [
        ...['x-sentry-auth', 'x-requested-with', 'x-forwarded-for', 'origin', 'referer', 'accept', 'content-type'],
        ...['authentication', 'authorization', 'content-encoding', 'transfer-encoding'],
        ...['baggage', 'sentry-trace', 'traceparent'],
      ].join(', '),
    )
    const vary = 'origin, access-control-request-method, access-control-request-headers'
    expect(answer.headers.get('vary')).toBe(vary)
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  })

  test('OPTIONS that asks nothing is answered without a body of ours, and open as well', async () => {
    const answer = await ask(stack.gatewayUrl, {
      method: 'OPTIONS',
      path: keyed(project, 'envelope/'),
      headers: ORIGIN,
    })
    expect([200, 204, 405]).toContain(answer.status)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  })
})
