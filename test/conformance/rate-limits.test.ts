import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { type Answer, ask, type WireRequest } from '../support/ask.ts'
import { brokenPromises } from '../support/broken-promises.ts'
import { keyed } from '../support/conform.ts'
import { makeEnvelope, makeEvent } from '../support/post-event.ts'
import { openRawConnection } from '../support/raw-connection.ts'
import { rawPost } from '../support/raw-request.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

// How much a sender may send, and how it is told to wait in words that every SDK understands (Sentry's protocol, rate
// limits). Every gateway here allows one request a second of whatever it limits, and ten at
// once.

const BURST = 10

let stack: Stack
/** The gateways with a setting of their own, by what they limit. */
const urls = { nothing: '', everybody: '', address: '', behindProxy: '', project: '', key: '' }

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
  const start = async (settings: Readonly<Record<string, string>>) => {
    const gateway = await stack.addGateway({ RATE_LIMIT_BURST_MULTIPLIER: `${BURST}`, ...settings })
    return `http://127.0.0.1:${gateway.port}`
  }
  const settings: Readonly<Record<keyof typeof urls, Readonly<Record<string, string>>>> = {
    nothing: {},
    everybody: { RATE_LIMIT_REQUESTS_PER_SEC: '1' },
    address: { RATE_LIMIT_PER_IP_PER_SEC: '1' },
    behindProxy: { RATE_LIMIT_PER_IP_PER_SEC: '1', TRUSTED_PROXIES: '127.0.0.1' },
    project: { RATE_LIMIT_PER_PROJECT_PER_SEC: '1' },
    key: { RATE_LIMIT_PER_KEY_PER_SEC: '1' },
  }
  // All at once: one after the other they take their time on a busy machine.
  await Promise.all(
    Object.entries(settings).map(async ([what, given]) => Object.assign(urls, { [what]: await start(given) })),
  )
}, 120_000)

afterAll(() => stack?.stop())

const anEvent = (to: AddedProject, headers = {}): WireRequest => ({
  path: keyed(to, 'envelope/'),
  headers,
  body: makeEnvelope(makeEvent()),
})

/** Sends events, several at once, until one is refused. */
async function refused(url: string, project: AddedProject, headers = {}, request = anEvent): Promise<Answer> {
  return await waitFor('a refusal', async () => {
    // One after the other they would come no faster than the rate on a busy machine.
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(url, request(project, headers))))
    expect(answers.filter(({ status }) => status !== 200 && status !== 429)).toEqual([])
    return answers.find(({ status }) => status === 429)
  })
}

async function limitedProject(name: string, set: Readonly<Record<string, number>>): Promise<AddedProject> {
  const project = await addProject(stack, name)
  await stack.sql`UPDATE project SET ${stack.sql(set)} WHERE id = ${project.id}`
  return project
}

/** `seconds:categories:scope`, one entry after the other. */
function readLimits(answer: Answer) {
  const header = answer.headers.get('x-sentry-rate-limits') ?? ''
  expect(header).toMatch(/^[1-9]\d*:[a-z0-9_;]*:[a-z]+(:[a-z_]+)?(, [1-9]\d*:[a-z0-9_;]*:[a-z]+(:[a-z_]+)?)*$/)
  return header.split(', ').map((entry) => {
    const [seconds = '', categories = '', scope = ''] = entry.split(':')
    return { seconds: Number(seconds), categories: categories === '' ? [] : categories.split(';'), scope }
  })
}

const quota = (period: string) => (name: string) => limitedProject(name, { [`quota_per_${period}`]: 1 })

interface Limit {
  name: string
  url: () => string
  project: (name: string) => Promise<AddedProject>
  scope: string
}

/** What limits events of a project only: everything else of it passes. */
const OF_EVENTS: readonly Limit[] = [
  {
    name: 'RATE_LIMIT_PER_PROJECT_PER_SEC',
    url: () => urls.project,
    project: (name) => addProject(stack, name),
    scope: 'project',
  },
  {
    name: 'the project’s own rate',
    url: () => urls.nothing,
    project: (name) => limitedProject(name, { rate_limit_per_sec: 1 }),
    scope: 'project',
  },
  { name: 'RATE_LIMIT_PER_KEY_PER_SEC', url: () => urls.key, project: (name) => addProject(stack, name), scope: 'key' },
  {
    name: 'the key’s own rate',
    url: () => urls.nothing,
    project: async (name) => {
      const project = await addProject(stack, name)
      await stack.sql`UPDATE project_key SET rate_limit_per_sec = 1 WHERE project_id = ${project.id}`
      return project
    },
    scope: 'key',
  },
  { name: 'the quota of a minute', url: () => urls.nothing, project: quota('minute'), scope: 'project' },
  { name: 'the quota of an hour', url: () => urls.nothing, project: quota('hour'), scope: 'project' },
  { name: 'the quota of a month', url: () => urls.nothing, project: quota('month'), scope: 'project' },
]

const OF_ALL: readonly Limit[] = [
  {
    name: 'RATE_LIMIT_REQUESTS_PER_SEC',
    url: () => urls.everybody,
    project: (name) => addProject(stack, name),
    scope: 'organization',
  },
  {
    name: 'RATE_LIMIT_PER_IP_PER_SEC',
    url: () => urls.address,
    project: (name) => addProject(stack, name),
    scope: 'key',
  },
]

test.each([...OF_ALL, ...OF_EVENTS])(
  'beyond $name an event is answered 429 and until when, for every SDK to read',
  async ({ name, url, project, scope }) => {
    const answer = await refused(url(), await project(name))
    expect(brokenPromises(answer)).toEqual([])
    const limits = readLimits(answer)
    expect(answer.headers.get('retry-after')).toBe(`${Math.max(...limits.map(({ seconds }) => seconds))}`)
    expect(new Set(limits.map((limit) => limit.scope))).toEqual(new Set([scope]))
    const seconds = limits.map((limit) => limit.seconds)
    expect(new Set(seconds).size, 'one entry for each time').toBe(seconds.length)
  },
)

describe.each(OF_EVENTS)('beyond $name', ({ name, url, project: make }) => {
  let project: AddedProject
  let answer: Answer

  beforeAll(async () => {
    project = await make(`Beyond ${name}`)
    answer = await refused(url(), project)
  })

  test('SDKs are told to hold back events, and nothing that says how an app is doing', () => {
    const categories = readLimits(answer).flatMap((limit) => limit.categories)
    expect(categories).toContain('error')
    // None at all would mean all of them.
    for (const spared of ['session', 'internal', 'monitor']) expect(categories).not.toContain(spared)
  })

  const passing: readonly [what: string, status: number, request: (to: AddedProject) => WireRequest][] = [
    [
      'a session',
      200,
      (to) => ({
        path: keyed(to, 'envelope/'),
        body: '{"sent_at":"2026-01-02T03:04:05Z"}\n{"type":"session"}\n{"sid":"1"}',
      }),
    ],
    [
      'aggregated sessions',
      200,
      (to) => ({ path: keyed(to, 'envelope/'), body: '{}\n{"type":"sessions"}\n{"aggregates":[]}' }),
    ],
    ['a check-in', 200, (to) => ({ path: keyed(to, 'envelope/'), body: '{}\n{"type":"check_in"}\n{"status":"ok"}' })],
    [
      'a client report',
      200,
      (to) => ({ path: keyed(to, 'envelope/'), body: '{}\n{"type":"client_report"}\n{"discarded_events":[]}' }),
    ],
    [
      'a check-in by its own route',
      202,
      (to) => ({ method: 'GET', path: `/api/${to.id}/cron/nightly/${to.publicKey}/?status=ok` }),
    ],
  ]
  test.each(passing)('%s passes, time after time', async (_what, status, request) => {
    // All of these together stay within a burst: what passes has a rate of its own.
    for (let n = 0; n < 2; n++) expect((await ask(url(), request(project))).status).toBe(status)
  })

  test('an event at /store/ does not', async () => {
    const stored = (to: AddedProject) => ({ path: keyed(to, 'store/'), body: JSON.stringify(makeEvent()) })
    await refused(url(), project, {}, stored)
  })

  test('another project goes on', async () => {
    const other = await addProject(stack, `Beside ${name}`)
    expect((await ask(url(), anEvent(other))).status).toBe(200)
  })
})

describe('one limit is not another’s:', () => {
  test('beyond the rate of a key the project’s other keys go on', async () => {
    const project = await addProject(stack, 'Two keys')
    const second = 'c'.repeat(32)
    await stack.sql`INSERT INTO project_key (project_id, public_key) VALUES (${project.id}, ${second})`
    await refused(urls.key, project)
    const { path, body } = anEvent(project)
    expect((await ask(urls.key, { path: path.replace(project.publicKey, second), body: `${body}` })).status).toBe(200)
  })

  test('a rate of the project’s own goes before the gateway’s, upwards too', async () => {
    const project = await limitedProject('Generous', { rate_limit_per_sec: 1_000 })
    for (let n = 0; n < 20; n++) expect((await ask(urls.project, anEvent(project))).status).toBe(200)
  })

  test('requests without an event use up no quota', async () => {
    const project = await limitedProject('Sessions only', { quota_per_month: 1 })
    const session = { path: keyed(project, 'envelope/'), body: '{}\n{"type":"session"}\n{}' }
    for (let n = 0; n < 20; n++) expect((await ask(urls.nothing, session)).status).toBe(200)
    expect((await ask(urls.nothing, anEvent(project))).status).toBe(200)
  })
})

describe('a limit', () => {
  test('of 0 is none', async () => {
    const project = await addProject(stack, 'Unlimited')
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(urls.nothing, anEvent(project))))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(answers.some(({ headers }) => headers.has('x-sentry-rate-limits') || headers.has('retry-after'))).toBe(false)
  })

  test('lets its burst through, and little more', async () => {
    const gateway = await stack.addGateway({ RATE_LIMIT_PER_PROJECT_PER_SEC: '1', RATE_LIMIT_BURST_MULTIPLIER: '10' })
    const project = await addProject(stack, 'Burst')
    const startedAt = Date.now()
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => ask(`http://127.0.0.1:${gateway.port}`, anEvent(project))),
    )
    const seconds = Math.ceil((Date.now() - startedAt) / 1000)
    const taken = answers.filter(({ status }) => status === 200).length
    expect(taken).toBeGreaterThanOrEqual(10)
    expect(taken).toBeLessThanOrEqual(10 + seconds)
  })

  test('ends when the time is up that the answer named', async () => {
    const project = await limitedProject('Patient', { rate_limit_per_sec: 1 })
    const answer = await refused(urls.nothing, project)
    const seconds = Number(answer.headers.get('retry-after'))
    await waitFor(
      'an event taken again',
      async () => (await ask(urls.nothing, anEvent(project))).status === 200,
      (seconds + 1) * 1000,
    )
  })

  test('of a quota is one for all gateways', async () => {
    const project = await limitedProject('Shared', { quota_per_month: 1 })
    await refused(urls.nothing, project)
    await refused(urls.project, project)
    expect(Number((await refused(urls.key, project)).headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('is told before the body is sent where only an event can come', async () => {
    // A quota, because a rate would let the next one through a second later.
    const project = await limitedProject('Head only', { quota_per_month: 1 })
    await refused(urls.nothing, project)
    const connection = await openRawConnection(urls.nothing)
    // As much as is read beyond a limit where it may bear no event: the length alone must not refuse it.
    connection.write(rawPost(keyed(project, 'store/'), { 'Content-Length': `${256 * 1024}` }, ''))
    // Whoever waits for a body that does not come answers 408 in the end.
    expect(await connection.received(/^HTTP\/1\.1 \d+ [\s\S]*\}/, 20_000)).toMatch(/^HTTP\/1\.1 429 /)
    connection.close()
  })

  test('that is changed counts without a restart', async () => {
    const project = await addProject(stack, 'Changed')
    expect((await ask(urls.nothing, anEvent(project))).status).toBe(200)
    await stack.sql`UPDATE project SET rate_limit_per_sec = 1 WHERE id = ${project.id}`
    await refused(urls.nothing, project)
  })
})

describe('the limit of an address', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  test.each([
    ['203.0.113.1', '203.0.113.2', 'another address goes on'],
    ['2001:db8:1:1::1', '2001:db8:1:2::1', 'another network of IPv6 goes on'],
  ])('%s, %s: %s', async (one, another) => {
    const project = await addProject(stack, `From ${one}`)
    await refused(urls.behindProxy, project, from(one))
    expect((await ask(urls.behindProxy, anEvent(project, from(another)))).status).toBe(200)
  })

  test('is one for a whole network of IPv6, which is what one client has', async () => {
    const project = await addProject(stack, 'Network')
    const addresses = Array.from({ length: 4 * BURST }, (_, n) => `2001:db8:2:2::${n + 1}`)
    const answers = await Promise.all(
      addresses.map((address) => ask(urls.behindProxy, anEvent(project, from(address)))),
    )
    expect(answers.map(({ status }) => status)).toContain(429)
  })

  test('is not got round by a header anybody can write', async () => {
    const project = await addProject(stack, 'Forged')
    const addresses = Array.from({ length: 4 * BURST }, (_, n) => `203.0.113.${n + 1}`)
    const answers = await Promise.all(addresses.map((address) => ask(urls.address, anEvent(project, from(address)))))
    expect(answers.map(({ status }) => status)).toContain(429)
  })
})
