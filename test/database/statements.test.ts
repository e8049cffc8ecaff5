import { randomUUID } from 'node:crypto'
import { DIMENSIONS } from '@rumen/db/dimension/dimensions'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { balanced, readBooks } from '../faults/books.ts'
import { frame, makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { countStatements, type StatementCounter } from './statement-counter.ts'

const BATCHES = [1, 50, 500]
/** Of a batch with 4,500 items; seconds on a machine that has nothing else to do. */
const BATCH_MS_MAX = 60_000
/**
 * One to read the archives, a new value for each of 31 dimensions, 9 that make issues, and 28 of the main transaction: 10 of
 * them for sessions, 7 for issues with their counters and the jobs, one for each other table, BEGIN and COMMIT.
 */
const STATEMENTS_MAX = 69
/** As many as are locked one by one, less the one that all batches update. */
const SESSIONS_MAX = 499
/** Of the types below, each archive holds one. */
const TYPES = ['event', 'transaction', 'sessions', 'attachment', 'user_report', 'check_in', 'client_report', 'log']

let stack: Stack
let gatewayUrl: string
let counter: StatementCounter
let worker: RoleProcess

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
  // All of one queue, so that one claim takes them all.
  const gateway = await stack.addGateway({ FAIR_RATE_PER_PROJECT_PER_SEC: '0' })
  gatewayUrl = `http://127.0.0.1:${gateway.port}`
  counter = await countStatements(stack.databaseUrl)
  worker = await stack.addWorker({ DATABASE_URL: counter.url, WORKER_REPORTS_BATCH_SIZE: '500' })
})

afterAll(async () => {
  await stack.stop()
  await counter.close()
})

/** An event with a value, never seen before, in every dimension, and of an issue of its own. */
function makeNovelEvent(id: string) {
  const value = (what: string) => `${what} ${id}`
  const stacktrace = { frames: [frame(`${id.replaceAll(/\d/g, digitLetter)}.js`, 'main')] }
  const mechanism = { type: `kind-${id}`, handled: false }
  return makeEvent({
    platform: 'javascript',
    release: `shop@${id}`,
    dist: `dist-${id}`,
    environment: `production-${id}`,
    server_name: value('server'),
    transaction: value('/checkout'),
    logger: value('logger'),
    exception: { values: [{ type: `Error${id}`, value: value('boom'), mechanism, stacktrace }] },
    user: { id: value('user'), email: `${id}@example.org`, username: value('name'), ip_address: '203.0.113.7' },
    request: { url: `https://example.org/${id}`, method: 'GET' },
    tags: { flavour: value('tag') },
    sdk: { name: 'sentry.javascript.browser', version: id },
    contexts: {
      os: { name: 'Linux', version: id },
      runtime: { name: 'node', version: id },
      browser: { name: 'Firefox', version: id },
      app: { app_name: 'shop', app_version: id, app_build: id },
      culture: { locale: `xx-${id}`, timezone: `Zone/${id}` },
      device: {
        manufacturer: value('maker'),
        brand: value('brand'),
        model: value('model'),
        family: value('family'),
        arch: value('arch'),
        chipset: value('chipset'),
        connection_type: value('wifi'),
        orientation: 'portrait',
        screen_width_pixels: 1000,
        screen_height_pixels: 2000,
        memory_size: 8_000_000_000,
        processor_count: 8,
      },
    },
  })
}

/** An envelope with every type of item that is kept. */
function makeFullEnvelope(id: string, sessions: readonly object[]): string {
  const [release, environment, started] = [`shop@${id}`, `production-${id}`, new Date()]
  const event = makeNovelEvent(id)
  const items: readonly (readonly [type: string, payload: object])[] = [
    ['transaction', { transaction: `GET /${id}`, release, environment, start_timestamp: 1, timestamp: 2 }],
    ['sessions', { aggregates: [{ started, exited: 2, did: id }], attrs: { release, environment } }],
    ['attachment', { file: id }],
    ['user_report', { event_id: event.event_id, comments: `it broke ${id}` }],
    ['check_in', { monitor_slug: `nightly-${id}`, status: 'ok', release, environment }],
    ['client_report', { discarded_events: [{ reason: 'sample_rate', category: 'error', quantity: 1 }] }],
    ['log', { items: [{ level: 'error', body: `log ${id.replaceAll(/\d/g, digitLetter)}` }] }],
    ...sessions.map((session) => ['session', session] as const),
  ]
  const lines = items.flatMap(([type, payload]) => [{ type }, payload])
  return [makeEnvelope(event), ...lines.map((line) => JSON.stringify(line))].join('\n')
}

const sharedSession = { sid: randomUUID(), did: 'ada', started: new Date(), timestamp: new Date() }
let earliestSeq = 1_000

/**
 * A session of its own, and in the first of a batch two more: an older update of the shared one, which moves it to another
 * release and its hours with it, and what is none and rejected.
 */
function makeSessions(size: number, n: number): object[] {
  const id = `${size}x${n}`
  const attrs = { release: `shop@${id}`, environment: `production-${id}` }
  const own = { sid: randomUUID(), did: id, started: new Date(), attrs }
  const shared = { ...sharedSession, seq: --earliestSeq, attrs }
  return [...(n < SESSIONS_MAX ? [own] : []), ...(n === 0 ? [shared, {}] : [])]
}

/** Numbers in names are taken for noise when events are grouped. */
function digitLetter(digit: string): string {
  return 'abcdefghij'[Number(digit)] ?? ''
}

/**
 * The driver asks for the types of arrays once per connection, the worker for the days of sessions once a minute; every five
 * seconds it says that it lives and looks how everything is.
 */
const BY_THE_WAY = /pg_type|pg_inherits|\bprocess\b|\bgauge\b|\bdisk_day\b|\blarge_drop\b|pg_control_checkpoint/

/** Posts so many envelopes while the worker stands still, lets it digest them as one batch, and gives its statements. */
async function digestBatchOf(size: number): Promise<string[]> {
  worker.signal('SIGSTOP')
  const bodies = Array.from({ length: size }, (_, n) => makeFullEnvelope(`${size}x${n}`, makeSessions(size, n)))
  const responses = await Promise.all(bodies.map((body) => postEnvelope(gatewayUrl, stack.project, body)))
  for (const response of responses) expect(response.status).toBe(200)
  counter.take('rumen worker')
  worker.signal('SIGCONT')
  await waitFor('the batch', async () => (await readBooks(stack.sql)).jobs === 0, BATCH_MS_MAX)
  return counter.take('rumen worker').filter((text) => !BY_THE_WAY.test(text))
}

test('a batch takes as many statements for 500 envelopes of every item there is, all of them new, as for one', async () => {
  // What only has a few values, such as the platform, is new but once.
  await digestBatchOf(2)
  const texts: string[][] = []
  for (const size of BATCHES) texts.push(await digestBatchOf(size))
  const counts = texts.map(({ length }) => length)
  expect(counts).toEqual(BATCHES.map(() => counts[0]))
  expect(counts[0]).toBeGreaterThan(10)
  expect(counts[0]).toBeLessThanOrEqual(STATEMENTS_MAX)
  const archives = BATCHES.reduce((sum, size) => sum + size, 2)
  const sessions = archives - 1 + BATCHES.length + 1
  const items = TYPES.length * archives + sessions
  // Two events, for a log is one: an issue each.
  const events = { reports: 2 * archives, counted: 2 * archives, hourly: 2 * archives }
  expect(await readBooks(stack.sql)).toEqual({ ...balanced(archives), ...events, seen: items, stored: items })
  const [issues] = await stack.sql`SELECT count(*)::int AS n FROM issue`
  expect(issues).toEqual({ n: 2 * archives })
}, 180_000)

test('every dimension of an event’s report is filled and leads to its row: there are no foreign keys to see to it', async () => {
  for (const [name, { perProject }] of DIMENSIONS) {
    if (name === 'tag') continue
    const [counts] = await stack.sql`
      SELECT count(*) FILTER (WHERE report.item_index = 0 AND report.${stack.sql(`${name}_id`)} IS NULL)::int AS empty,
        count(*) FILTER (WHERE report.${stack.sql(`${name}_id`)} IS NOT NULL AND dim.id IS NULL)::int AS orphaned
      FROM report LEFT JOIN ${stack.sql(`dim_${name}`)} AS dim ON dim.id = report.${stack.sql(`${name}_id`)}
        ${perProject ? stack.sql`AND dim.project_id = report.project_id` : stack.sql``}`
    expect(counts, name).toEqual({ empty: 0, orphaned: 0 })
  }
  const tags = await stack.sql`
    SELECT FROM report CROSS JOIN LATERAL unnest(tag_ids) AS tag_id
    LEFT JOIN tag ON tag.project_id = report.project_id AND tag.id = tag_id WHERE tag.id IS NULL`
  expect(tags).toHaveLength(0)
  const [grouped] = await stack.sql`
    SELECT count(*)::int AS n FROM report
    JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = report.grouping_id
    JOIN issue ON issue.project_id = report.project_id AND issue.id = grouping.issue_id`
  expect(grouped).toEqual({ n: (await readBooks(stack.sql)).reports })
})

test.each([
  ['transaction_event', ['transaction', 'release', 'environment']],
  ['check_in', ['release', 'environment']],
  ['session', ['release', 'environment']],
  ['session_hour', ['release', 'environment']],
  ['session_user_hour', ['release', 'environment']],
] as const)('every name in a row of %s leads to its row', async (table, names) => {
  for (const name of names) {
    const [counts] = await stack.sql`
      SELECT count(*) > 0 AS "hasRows", count(*) FILTER (WHERE dim.id IS NULL)::int AS orphaned
      FROM ${stack.sql(table)} AS item LEFT JOIN ${stack.sql(`dim_${name}`)} AS dim
        ON dim.project_id = item.project_id AND dim.id = item.${stack.sql(`${name}_id`)}`
    expect(counts, name).toEqual({ hasRows: true, orphaned: 0 })
  }
})
