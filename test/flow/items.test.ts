import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Row } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})

afterAll(() => stack?.stop())

const now = () => new Date().toISOString()
const newId = () => randomUUID().replaceAll('-', '')

/** An envelope of items given as header and payload. */
function envelopeOf(
  header: object,
  ...items: readonly (readonly [headers: Readonly<Record<string, unknown>>, payload: object | Buffer])[]
): Buffer<ArrayBuffer> {
  const parts = items.flatMap(([headers, payload]) => {
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload))
    return [`\n${JSON.stringify({ ...headers, length: bytes.length })}\n`, bytes]
  })
  return Buffer.concat([JSON.stringify(header), ...parts].map((part) => Buffer.from(part)))
}

/** Posts, waits until the digest has said what became of everything, and gives it: `session stored` → 1. */
async function digest(
  project: AddedProject,
  body: Buffer<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Record<string, number>> {
  const response = await postEnvelope(stack.gatewayUrl, project, body, headers)
  expect(response.status).toBe(200)
  return await waitFor('the ledger', async () => {
    const [job] = await stack.sql`SELECT FROM pgboss.job WHERE name IN ('digest', 'digest-excess') LIMIT 1`
    if (job) return null
    const rows = await stack.sql<{ ending: string; n: number }[]>`
      SELECT concat_ws(' ', item_type, outcome, reason) AS ending, sum(quantity)::int AS n
      FROM analytics.outcomes WHERE project_id = ${project.id} AND item_type <> 'request' GROUP BY 1`
    return rows.length > 0 ? Object.fromEntries(rows.map(({ ending, n }) => [ending, n])) : null
  })
}

const one = async (rows: Promise<readonly Row[]>) => {
  const [row, ...more] = await rows
  expect(more).toEqual([])
  return row
}

test('a transaction is a row with its name, operation, duration and trace, and no issue', async () => {
  const project = await addProject(stack, 'Transaction')
  const eventId = newId()
  const start = Date.now() / 1000 - 5
  const trace = newId()
  const transaction = {
    ...{ type: 'transaction', transaction: 'GET /cart', release: 'shop@1', environment: 'production' },
    ...{ start_timestamp: start, timestamp: start + 1.25, spans: [{ op: 'db' }] },
    contexts: { trace: { trace_id: trace, span_id: 'a'.repeat(16), op: 'http.server', status: 'ok' } },
  }
  const body = envelopeOf({ event_id: eventId }, [{ type: 'transaction' }, transaction])
  expect(await digest(project, body)).toEqual({ 'transaction stored': 1 })
  // The same in other bytes is the same.
  const again = await digest(project, Buffer.from(gzipSync(body)), { 'content-encoding': 'gzip' })
  expect(again).toEqual({ 'transaction stored': 1, 'transaction duplicate': 1 })
  const row = await one(stack.sql`
    SELECT replace(event_id::text, '-', '') AS event_id, dim_transaction.value AS name, dim_release.value AS release,
      dim_environment.value AS environment, op, status, replace(trace_id::text, '-', '') AS trace, round(duration_ms)::int AS ms
    FROM transaction_event AS t
    JOIN dim_transaction ON dim_transaction.project_id = t.project_id AND dim_transaction.id = t.transaction_id
    JOIN dim_release ON dim_release.project_id = t.project_id AND dim_release.id = t.release_id
    JOIN dim_environment ON dim_environment.project_id = t.project_id AND dim_environment.id = t.environment_id
    WHERE t.project_id = ${project.id}`)
  expect(row).toEqual({
    ...{ event_id: eventId, name: 'GET /cart', release: 'shop@1', environment: 'production' },
    ...{ op: 'http.server', status: 'ok', trace, ms: 1250 },
  })
  expect(await stack.sql`SELECT FROM issue WHERE project_id = ${project.id}`).toHaveLength(0)
})

test('an attachment is indexed, and fetched from the archive byte by byte', async () => {
  const project = await addProject(stack, 'Attachment')
  const eventId = newId()
  const file = randomBytes(70_000)
  const body = envelopeOf(
    { event_id: eventId },
    [{ type: 'event' }, { message: 'with a file' }],
    [{ type: 'attachment', filename: '../../etc/passwd', content_type: 'text/html' }, Buffer.from('first')],
    [{ type: 'attachment', filename: 'core.bin' }, file],
  )
  expect(await digest(project, body)).toEqual({ 'event stored': 1, 'attachment stored': 2 })
  const { stdout } = await rumen(['attachment', 'list', eventId])
  expect(stdout).toContain('core.bin  70000 bytes  application/octet-stream')
  expect(stdout).not.toContain('..')
  const { stdout: got } = await rumen(['attachment', 'get', eventId, 'core.bin'])
  expect(Buffer.from(got, 'latin1').equals(file)).toBe(true)
  await expect(rumen(['attachment', 'get', eventId, 'other.bin'])).rejects.toMatchObject({
    stderr: expect.stringContaining('no file other.bin came with event'),
  })
}, 60_000)

test('what a user wrote is kept, before its event is there and without it', async () => {
  const project = await addProject(stack, 'Feedback')
  const about = newId()
  const userReport = { event_id: about, name: 'Ada', email: 'ada@example.org', comments: 'It broke.' }
  const feedback = {
    contexts: { feedback: { message: 'Slow\u0000page', contact_email: 'a@b.c', associated_event_id: about } },
  }
  await digest(project, envelopeOf({ event_id: about }, [{ type: 'user_report' }, userReport]))
  const outcomes = await digest(
    project,
    envelopeOf({ event_id: newId() }, [{ type: 'feedback' }, feedback], [{ type: 'feedback' }, feedback]),
  )
  expect(outcomes).toEqual({ 'user_report stored': 1, 'feedback stored': 1, 'feedback rejected second_event': 1 })
  const rows = await stack.sql`
    SELECT replace(event_id::text, '-', '') AS about, name, email, message FROM feedback
    WHERE project_id = ${project.id} ORDER BY received_at`
  expect(rows).toEqual([
    { about, name: 'Ada', email: 'ada@example.org', message: 'It broke.' },
    { about, name: null, email: 'a@b.c', message: 'Slow\ufffdpage' },
  ])
})

test('check-ins and client reports are kept; reports of the same losses add up', async () => {
  const project = await addProject(stack, 'Monitors')
  const checkIn = {
    check_in_id: newId(),
    monitor_slug: 'backup',
    status: 'ok',
    duration: 2.5,
    environment: 'production',
  }
  const lost = (quantity: number) => ({
    timestamp: now(),
    discarded_events: [{ reason: 'queue_overflow', category: 'error', quantity }],
  })
  await digest(project, envelopeOf({}, [{ type: 'check_in' }, checkIn]))
  const report = [{ type: 'client_report' }, lost(2)] as const
  const outcomes = await digest(
    project,
    envelopeOf({ sent_at: now() }, report, report, [{ type: 'client_report' }, lost(3)]),
  )
  expect(outcomes).toEqual({ 'check_in stored': 1, 'client_report stored': 3 })
  const row = await one(stack.sql`
    SELECT monitor_slug, status, duration, dim_environment.value AS environment FROM check_in
    JOIN dim_environment ON dim_environment.project_id = check_in.project_id AND dim_environment.id = environment_id
    WHERE check_in.project_id = ${project.id}`)
  expect(row).toEqual({ monitor_slug: 'backup', status: 'ok', duration: 2.5, environment: 'production' })
  const discards = await stack.sql`
    SELECT category, reason, sum(quantity)::int AS n FROM client_discard_hour WHERE project_id = ${project.id} GROUP BY 1, 2`
  expect(discards).toEqual([{ category: 'error', reason: 'queue_overflow', n: 7 }])
})

test('logs at error and fatal are events, the others are counted; the same container again is a duplicate', async () => {
  const project = await addProject(stack, 'Logs')
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'error']
  const logs = levels.map((level, n) => ({ timestamp: Date.now() / 1000, level, body: `log ${'abcdefg'[n]}` }))
  const item = [
    { type: 'log', item_count: logs.length, content_type: 'application/vnd.sentry.items.log+json' },
    { items: logs },
  ] as const
  expect(await digest(project, envelopeOf({ sent_at: now() }, item))).toEqual({
    'log stored': 3,
    'log filtered level': 4,
  })
  const again = await digest(project, envelopeOf({ sent_at: '2026-01-01T00:00:00Z' }, item))
  expect(again).toEqual({ 'log stored': 3, 'log duplicate': 3, 'log filtered level': 8 })
  const reports =
    await stack.sql`SELECT title, level FROM analytics.reports WHERE project_id = ${project.id} ORDER BY title`
  expect(reports).toEqual([
    { title: 'log e', level: 'error' },
    { title: 'log f', level: 'fatal' },
    { title: 'log g', level: 'error' },
  ])
})

test('a list of security reports is an event each', async () => {
  const project = await addProject(stack, 'Security')
  const report = (directive: string) => ({
    type: 'csp-violation',
    body: {
      documentURL: 'https://shop.example/cart?id=1',
      effectiveDirective: directive,
      blockedURL: 'https://evil.example/x.js',
    },
  })
  const url = `${stack.gatewayUrl}/api/${project.id}/security/?sentry_key=${project.publicKey}&sentry_release=shop@1`
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/reports+json' },
    body: JSON.stringify([report('script-src-elem'), report('img-src')]),
  })
  expect(response.status).toBeLessThan(300)
  const rows = await waitFor('both', async () => {
    const found = await stack.sql`
      SELECT title, release, logger FROM analytics.reports WHERE project_id = ${project.id} ORDER BY title`
    return found.length === 2 ? found : null
  })
  expect(rows.map(({ release, logger }) => [release, logger])).toEqual([
    ['shop@1', 'csp'],
    ['shop@1', 'csp'],
  ])
  expect(new Set(rows.map(({ title }) => title)).size).toBe(2)
})

test('a dump without an event is an issue of its own, with the dump kept', async () => {
  const project = await addProject(stack, 'Native')
  const form = new FormData()
  form.set('upload_file_minidump', new Blob([Buffer.concat([Buffer.from('MDMP'), Buffer.alloc(64)])]), 'crash.dmp')
  form.set('sentry', JSON.stringify({ release: 'game@2', tags: { gpu: 'none' } }))
  const url = `${stack.gatewayUrl}/api/${project.id}/minidump/?sentry_key=${project.publicKey}`
  expect((await fetch(url, { method: 'POST', body: form })).status).toBe(200)
  const row = await waitFor('the crash', async () => {
    const [found] = await stack.sql`
      SELECT title, level, platform, release, handled, exception_mechanism, tags FROM analytics.reports WHERE project_id = ${project.id}`
    return found
  })
  expect(row).toMatchObject({
    level: 'fatal',
    platform: 'native',
    release: 'game@2',
    handled: false,
    tags: { gpu: 'none' },
  })
  expect(row.title).toMatch(/native crash/i)
  const dumps =
    await stack.sql`SELECT attachment_type, name, size::int FROM attachment WHERE project_id = ${project.id}`
  expect(dumps).toEqual([{ attachment_type: 'event.minidump', name: 'crash.dmp', size: 68 }])
})

test('types nobody knows, and those Rumen does not keep, are counted and cost nobody else', async () => {
  const project = await addProject(stack, 'Unsupported')
  const outcomes = await digest(
    project,
    envelopeOf(
      { event_id: newId() },
      [{ type: 'replay_event' }, { replay_id: 'x' }],
      [{ type: `made-up-${newId()}` }, {}],
      [{ type: 'session' }, { sid: 'none' }],
      [{ type: 'event' }, { message: 'among them' }],
    ),
  )
  expect(outcomes).toEqual({
    ...{ 'replay_event unsupported': 1, 'unknown unsupported': 1, 'session rejected bad_session': 1 },
    'event stored': 1,
  })
})

test('an event that cannot be read stands in nobody’s way, neither of the next one nor of a dump', async () => {
  const project = await addProject(stack, 'Second chance')
  const broken = [{ type: 'event' }, Buffer.from('{"message":')] as const
  const dump = [{ type: 'attachment', attachment_type: 'event.minidump' }, Buffer.from('MDMP')] as const
  await digest(project, envelopeOf({ event_id: newId() }, broken, [{ type: 'event' }, { message: 'whole' }]))
  const outcomes = await digest(project, envelopeOf({ event_id: newId() }, broken, dump))
  expect(outcomes).toEqual({
    ...{ 'event rejected bad_json': 2, 'event stored': 1 },
    ...{ 'attachment stored': 1, 'minidump stored': 1 },
  })
})

test('all there is to read of an event is shown, whatever it was made of, and nothing that steers a terminal', async () => {
  const project = await addProject(stack, 'Shown')
  const eventId = newId()
  const event = {
    exception: {
      values: [
        {
          type: 'Broken',
          value: 'red \u001b[31m',
          stacktrace: {
            frames: [{ function: 'main', filename: 'a.js', lineno: 3, vars: { password: 'hunter2', n: 1 } }],
          },
        },
      ],
    },
    breadcrumbs: [{ timestamp: now(), category: 'ui', message: 'clicked' }],
    request: { url: 'https://shop.example/cart', headers: { Authorization: 'Bearer x' } },
  }
  const logs = { items: [{ timestamp: Date.now() / 1000, level: 'error', body: 'from a log' }] }
  await digest(project, envelopeOf({ event_id: eventId }, [{ type: 'event' }, event], [{ type: 'log' }, logs]))
  const { stdout } = await rumen(['event', 'show', eventId])
  expect(stdout).toContain('shown-1\tBroken: red  [31m')
  expect(stdout).toMatch(/main \(a\.js:3\)/)
  expect(stdout).toMatch(/breadcrumb\t\S+\tui\tclicked/)
  expect(stdout).not.toContain('\u001b')
  const whole = JSON.parse((await rumen(['event', 'show', eventId, '--json'])).stdout)
  expect(JSON.stringify(whole)).not.toMatch(/hunter2|Bearer/)
  expect(whole[0].details.exceptions[0].stacktrace.frames[0].vars).toMatchObject({ n: 1 })
  const log = await one(stack.sql`
    SELECT replace(event_id::text, '-', '') AS id FROM report WHERE project_id = ${project.id} AND event_id <> ${eventId}::uuid`)
  expect((await rumen(['event', 'show', log?.id])).stdout).toContain('from a log')
}, 60_000)

/** Its output byte by byte, as latin1. */
async function rumen(words: readonly string[]) {
  return await promisify(execFile)(process.execPath, [CLI, ...words], {
    env: { ...process.env, DATABASE_URL: stack.databaseUrl },
    encoding: 'latin1',
    maxBuffer: 1e6,
  })
}

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))
