import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { archivedOf } from '../support/archived-of.ts'
import { ask, type WireRequest } from '../support/ask.ts'
import { type Case, conform, type Door, error, keyed } from '../support/conform.ts'
import { multipart, type Part } from '../support/multipart.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// Attachments that come by themselves, check-ins, and the form of the crash-report dialog: kept as envelopes.

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'

let stack: Stack
let door: Door

beforeAll(async () => {
  stack = await startStack()
  door = { stack, project: await addProject(stack, 'Small') }
})

afterAll(() => stack?.stop())

/** What is kept of one request of a project of its own. */
async function keptOf(name: string, status: number, request: (to: AddedProject) => WireRequest) {
  const own = await addProject(stack, name)
  const answer = await ask(stack.gatewayUrl, request(own))
  expect(answer.status, answer.text).toBe(status)
  const [archived, ...others] = await archivedOf(stack, own)
  if (!archived) expect.fail('nothing was archived')
  expect(others).toEqual([])
  return archived
}

describe('attachments of an event', () => {
  const text: Part = { name: 'a', filename: 'a.txt', type: 'text/plain', content: 'abc' }
  const picture: Part = { name: 'b', filename: 'b.png', type: 'image/png', content: Buffer.from([0x89, 0, 0x0a, 0xff]) }
  const post =
    (id: string, ...parts: readonly Part[]) =>
    (to: AddedProject) => ({ path: keyed(to, `events/${id}/attachments/`), ...multipart(parts) })
  const dashed = '9ec79c33-ec99-42ab-8353-589fcb2e04dc'

  const taken = (...attachments: readonly Readonly<Record<string, unknown>>[]) => ({
    status: 201,
    body: '',
    digest: {
      reports: [],
      errors: [],
      outcomes: { 'attachment stored': attachments.length },
      rows: { attachments: attachments.map((columns) => ({ event_id: ID, ...columns })) },
    },
  })
  const file = { name: 'a.txt', attachment_type: 'event.attachment', content_type: 'text/plain', size: 3 }
  const cases: readonly Case[] = [
    { name: 'are taken one by one', request: post(ID, text), ...taken(file) },
    {
      name: 'are taken several at once',
      request: post(ID, text, picture),
      ...taken(file, { name: 'b.png', content_type: 'image/png', size: 4 }),
    },
    { name: 'are taken empty', request: post(ID, { ...text, content: '' }), ...taken({ ...file, size: 0 }) },
    { name: 'are taken for an id with dashes', request: post(dashed, text), ...taken(file) },
    { name: 'are refused for an id that is none', request: post('abc', text), status: 400 },
    {
      name: 'are refused as JSON',
      request: (to) => ({ ...post(ID, text)(to), headers: { 'content-type': 'application/json' }, body: '{}' }),
      status: 400,
    },
    {
      name: 'are refused in a form that is cut',
      request: (to) => ({ ...post(ID, text)(to), body: multipart([text]).body.subarray(0, 30) }),
      status: 400,
    },
    { name: 'are refused when nothing comes', request: (to) => ({ ...post(ID, text)(to), body: '' }), status: 400 },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })

  test('are kept byte by byte, each under its name and type, with the id of the event', async () => {
    const archived = await keptOf('Attached', 201, post(dashed, text, picture))
    expect(archived).toMatchObject({ row: { endpoint: 'attachments' }, eventId: ID, headerEventId: ID })
    expect(archived.items).toMatchObject([
      { type: 'attachment', headers: { filename: 'a.txt', content_type: 'text/plain' }, payload: Buffer.from('abc') },
      { type: 'attachment', headers: { filename: 'b.png', content_type: 'image/png' }, payload: picture.content },
    ])
  })
})

describe('a check-in', () => {
  const json = { 'content-type': 'application/json' }
  const pinged = (said: Readonly<Record<string, unknown>>) => ({
    status: 202,
    digest: {
      reports: [],
      errors: [],
      outcomes: { 'check_in stored': 1 },
      rows: { check_ins: [{ check_in_id: null, monitor_slug: 'nightly', duration: null, ...said }] },
    },
  })
  const cases: readonly Case[] = [
    {
      name: 'is taken as JSON',
      request: (to) => ({ path: keyed(to, 'cron/nightly/'), headers: json, body: '{"status":"in_progress"}' }),
      ...pinged({ status: 'in_progress' }),
    },
    {
      name: 'is taken from the query',
      request: (to) => ({ method: 'GET', path: keyed(to, 'cron/nightly/', '&status=ok&duration=12.5') }),
      ...pinged({ status: 'ok', duration: 12.5 }),
    },
    {
      name: 'is taken from the query of a POST',
      request: (to) => ({ path: keyed(to, 'cron/nightly/', '&status=error') }),
      ...pinged({ status: 'error' }),
    },
    {
      name: 'is taken with a monitor’s settings',
      request: (to) => ({
        path: keyed(to, 'cron/nightly/'),
        headers: json,
        body: '{"status":"ok","monitor_config":{"schedule":{"type":"crontab","value":"0 * * * *"}}}',
      }),
      ...pinged({ status: 'ok' }),
    },
    {
      name: 'is refused as cut JSON',
      request: (to) => ({ path: keyed(to, 'cron/nightly/'), headers: json, body: '{"status":' }),
      status: 400,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })

  const said = { monitor_slug: 'nightly', status: 'ok', check_in_id: ID, environment: 'staging', duration: 12.5 }
  const ways: readonly [way: string, request: (to: AddedProject) => WireRequest][] = [
    [
      'in the query',
      (to) => ({
        method: 'GET',
        path: keyed(to, 'cron/nightly/', `&status=ok&check_in_id=${ID}&environment=staging&duration=12.5`),
      }),
    ],
    [
      'as JSON',
      (to) => ({
        path: keyed(to, 'cron/nightly/'),
        headers: json,
        body: JSON.stringify({ status: 'ok', check_in_id: ID, environment: 'staging', duration: 12.5 }),
      }),
    ],
  ]
  test.each(ways)('is kept with all it says %s', async (way, request) => {
    const archived = await keptOf(`Checked ${way}`, 202, request)
    expect(archived.row.endpoint).toBe('cron')
    expect(archived.headerEventId).toBeNull()
    expect(archived.items.map(({ type }) => type)).toEqual(['check_in'])
    expect(JSON.parse(String(archived.items[0]?.payload))).toMatchObject(said)
  })

  test('belongs to the monitor in its path, percent-encoded or not', async () => {
    const archived = await keptOf('Encoded', 202, (to) => ({
      method: 'GET',
      path: keyed(to, 'cron/night%6Cy/', '&status=ok'),
    }))
    expect(JSON.parse(String(archived.items[0]?.payload))).toMatchObject({ monitor_slug: 'nightly' })
  })
})

describe('the form of the crash-report dialog', () => {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const fields = 'name=Ada+L%C3%B8&email=ada%40example.com&comments=It+broke%0Atwice'
  const post =
    (query: (to: AddedProject) => Record<string, string>, body = fields) =>
    (to: AddedProject) => ({
      path: `/api/embed/error-page/?${new URLSearchParams(query(to))}`,
      headers: type,
      body,
    })
  const noDsn = { status: 401, body: error('bad sentry DSN') }
  const nobodys = (to: AddedProject) => to.dsn.replace(/[0-9a-f]{32}/, '0'.repeat(32))
  const cases: readonly Case[] = [
    {
      name: 'is taken',
      request: post((to) => ({ dsn: to.dsn, eventId: ID })),
      status: 200,
      digest: {
        reports: [],
        errors: [],
        outcomes: { 'user_report stored': 1 },
        rows: {
          feedback: [{ event_id: ID, name: 'Ada Lø', email: 'ada@example.com', message: 'It broke\ntwice' }],
        },
      },
    },
    {
      name: 'is refused for the DSN of nobody',
      request: post((to) => ({ dsn: nobodys(to), eventId: ID })),
      status: 404,
    },
    { name: 'is refused for a DSN that is none', request: post(() => ({ dsn: 'shop', eventId: ID })), ...noDsn },
    { name: 'is refused without a DSN', request: post(() => ({ eventId: ID })), ...noDsn },
    {
      name: 'is refused for an id that is none',
      request: post((to) => ({ dsn: to.dsn, eventId: 'abc' })),
      status: 400,
    },
  ]
  test.each(cases)('$name', async (one) => {
    await conform(door, one)
  })

  test('is kept as the report of a user on that event', async () => {
    const archived = await keptOf(
      'Dialog',
      200,
      post((to) => ({ dsn: to.dsn, eventId: ID })),
    )
    expect(archived.row.endpoint).toBe('feedback')
    expect(archived.items.map((item) => item.type)).toEqual(['user_report'])
    expect(JSON.parse(String(archived.items[0]?.payload))).toMatchObject({
      event_id: ID,
      name: 'Ada Lø',
      email: 'ada@example.com',
      comments: 'It broke\ntwice',
    })
  })
})
