import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { ask } from '../support/ask.ts'
import { brokenPromises } from '../support/broken-promises.ts'
import { conform, type Door, error, keyed } from '../support/conform.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { ROUTES } from './routes.ts'

// The route table of Sentry's protocol: who is served, under which spellings, and what everybody else is answered.

const PREFIX = '/errors'

let stack: Stack
let door: Door
/** The same behind a proxy that hands on the prefix of PUBLIC_URL. */
let prefixed: string

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  door = { stack, project: await addProject(stack, 'Routes') }
  const gateway = await stack.addGateway({ PUBLIC_URL: `https://x.example${PREFIX}` })
  prefixed = `http://127.0.0.1:${gateway.port}`
})

afterAll(() => stack?.stop())

/** Applied to a path without its query. */
const SPELLINGS: readonly [spelling: string, spell: (path: string) => string][] = [
  ['with a slash at the end', (path) => `${path.replace(/\/$/, '')}/`],
  ['without one', (path) => path.replace(/\/$/, '')],
  ['with slashes repeated', (path) => `/${path.replaceAll('/', '//')}//`],
]

function spelled(path: string, spell: (path: string) => string): string {
  const [before = '', ...query] = path.split('?')
  return [spell(before), ...query].join('?')
}

describe.each(ROUTES)('$name is answered $status', (route) => {
  test.each(SPELLINGS)('%s', async (_spelling, spell) => {
    const request = (to: AddedProject) => ({ ...route.request(to), path: spelled(route.request(to).path, spell) })
    await conform(door, { ...route, request })
  })

  test.each([
    ['with', PREFIX],
    ['without', ''],
  ] as const)('%s the path of PUBLIC_URL before it', async (_with, prefix) => {
    const request = (to: AddedProject) => ({ ...route.request(to), path: `${prefix}${route.request(to).path}` })
    await conform({ ...door, url: prefixed }, { ...route, request })
  })
})

test('a prefix that is not the one of PUBLIC_URL is an unknown route', async () => {
  const { path } = ROUTES[0].request(door.project)
  expect((await ask(prefixed, { path: `/other${path}`, body: '{}' })).status).toBe(404)
  expect((await ask(stack.gatewayUrl, { path: `${PREFIX}${path}`, body: '{}' })).status).toBe(404)
})

describe('what Rumen does not take is answered at once, and never with a redirect:', () => {
  const refused: readonly [what: string, method: string, rest: string, status: number][] = [
    ['Unreal crashes', 'POST', 'unreal/KEY/', 403],
    ['Unreal crashes without a slash', 'POST', 'unreal/KEY', 403],
    ['resumable uploads', 'POST', 'upload/', 404],
    ['parts of resumable uploads', 'PATCH', 'upload/0123/', 404],
    ['OpenTelemetry traces', 'POST', 'integration/otlp/v1/traces/', 404],
    ['OpenTelemetry logs', 'POST', 'integration/otlp/v1/logs', 404],
    ['OpenTelemetry traces at their older place', 'POST', 'otlp/v1/traces/', 404],
    ['log drains of Vercel', 'POST', 'integration/vercel/logs/', 404],
    ['log drains of Heroku', 'POST', 'integration/heroku/logs/', 404],
    ['integrity reports', 'POST', 'integration/integrity/', 404],
    ['PlayStation crashes', 'POST', 'playstation/', 404],
    ['a name nobody knows', 'POST', 'nothing/', 404],
    ['nothing behind the project', 'POST', '', 404],
    ['more behind a route', 'POST', 'envelope/more/', 404],
    ['a route in capitals', 'POST', 'ENVELOPE/', 404],
  ]
  test.each(refused)('%s', async (what, method, rest, status) => {
    const request = (to: AddedProject) => ({
      method,
      path: keyed(to, rest.replace('KEY', to.publicKey)),
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    await conform(door, { name: what, request, status, body: expect.objectContaining({ detail: expect.any(String) }) })
  })

  test.each([
    '/api/0/relays/register/challenge/',
    '/api/0/relays/projectconfigs/',
    '/api/relay/healthcheck/live/',
    '/api/',
    '/api/1/',
  ])('%s', async (path) => {
    const request = () => ({ path, body: '{}' })
    await conform(door, { name: path, request, status: 404 })
  })
})

describe('a project that is no unsigned 64-bit number is refused, named', () => {
  const ids = ['shop', '-1', '+1', '1.5', '1e3', '0x1', '01', '18446744073709551616', '1%00', '%20', "1'--"]
  test.each(ids)('%s', async (id) => {
    const request = (to: AddedProject) => ({
      path: keyed(to, 'envelope/').replace(`/${to.id}/`, `/${id}/`),
      body: '{}',
    })
    await conform(door, { name: id, request, status: 400, body: error('bad project path parameter') })
  })

  test.each([
    'store/',
    'security/',
    'csp-report/',
    'nel/',
    'minidump/',
    'cron/nightly/',
    `events/${'a'.repeat(32)}/attachments/`,
  ])('at %s too', async (rest) => {
    const request = (to: AddedProject) => ({ path: keyed(to, rest).replace(`/${to.id}/`, '/shop/'), body: '{}' })
    await conform(door, { name: rest, request, status: 400, body: error('bad project path parameter') })
  })

  test('the largest such number is one, and nobody has it', async () => {
    const request = (to: AddedProject) => ({
      path: `/api/18446744073709551615/envelope/?sentry_key=${to.publicKey}`,
      body: '{}',
    })
    await conform(door, {
      name: 'largest',
      request,
      status: 403,
      body: error('event submission rejected with_reason: ProjectId'),
    })
  })
})

describe('a method that a route does not have is answered 405 and which it has:', () => {
  const wrong: readonly [method: string, rest: string, allowed: readonly string[]][] = [
    ['GET', 'envelope/', ['POST']],
    ['HEAD', 'envelope/', ['POST']],
    ['PUT', 'envelope/', ['POST']],
    ['PATCH', 'envelope', ['POST']],
    ['DELETE', 'envelope/', ['POST']],
    ['PUT', 'store/', ['GET', 'POST']],
    ['DELETE', 'store/', ['GET', 'POST']],
    ['GET', 'security/', ['POST']],
    ['GET', 'csp-report/', ['POST']],
    ['PUT', 'nel/', ['POST']],
    ['GET', 'minidump', ['POST']],
    ['GET', `events/${'a'.repeat(32)}/attachments/`, ['POST']],
    ['DELETE', 'cron/nightly/', ['GET', 'POST']],
    ['PUT', 'cron/nightly/KEY/', ['GET', 'POST']],
  ]
  test.each(wrong)('%s %s', async (method, rest, allowed) => {
    const { project } = door
    const answer = await ask(stack.gatewayUrl, { method, path: keyed(project, rest.replace('KEY', project.publicKey)) })
    expect(answer.status).toBe(405)
    const methods = (answer.headers.get('allow') ?? '').split(/, */)
    expect(methods).toEqual(expect.arrayContaining([...allowed]))
    expect(methods).not.toContain(method)
    if (method !== 'HEAD') expect(brokenPromises(answer)).toEqual([])
  })

  test.each([
    ['PUT', '/api/store/', 'POST'],
    ['GET', '/api/embed/error-page/', 'POST'],
    ['PUT', '/api/embed/error-page', 'POST'],
  ])('%s %s', async (method, path, allowed) => {
    const answer = await conform(door, { name: path, request: () => ({ method, path }), status: 405 })
    expect((answer.headers.get('allow') ?? '').split(/, */)).toContain(allowed)
  })
})
