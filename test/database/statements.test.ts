import { DIMENSIONS } from '@rumen/db/dimension/dimensions'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { balanced, readBooks } from '../faults/books.ts'
import { frame, makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { countStatements, type StatementCounter } from './statement-counter.ts'

const BATCHES = [1, 50, 500]
/** Thirty-one dimensions with a new value each, the batch's own statements, and those that make issues. */
const STATEMENTS_MAX = 60

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

/** Numbers in names are taken for noise when events are grouped. */
function digitLetter(digit: string): string {
  return 'abcdefghij'[Number(digit)] ?? ''
}

/** Posts so many events while the worker stands still, lets it digest them as one batch, and gives its statements. */
async function digestBatchOf(size: number): Promise<string[]> {
  worker.signal('SIGSTOP')
  const bodies = Array.from({ length: size }, (_, n) => makeEnvelope(makeNovelEvent(`${size}x${n}`)))
  const responses = await Promise.all(bodies.map((body) => postEnvelope(gatewayUrl, stack.project, body)))
  for (const response of responses) expect(response.status).toBe(200)
  counter.take('rumen worker')
  worker.signal('SIGCONT')
  await waitFor('the batch', async () => (await readBooks(stack.sql)).jobs === 0)
  // The driver asks for the types of arrays once per connection.
  return counter.take('rumen worker').filter((text) => !text.includes('pg_type'))
}

test('a batch takes as many statements for 500 events, all of them new issues, as for one', async () => {
  // What only has a few values, such as the platform, is new but once.
  await digestBatchOf(2)
  const counts: number[] = []
  for (const size of BATCHES) counts.push((await digestBatchOf(size)).length)
  expect(counts).toEqual(BATCHES.map(() => counts[0]))
  expect(counts[0]).toBeGreaterThan(10)
  expect(counts[0]).toBeLessThanOrEqual(STATEMENTS_MAX)
  const events = BATCHES.reduce((sum, size) => sum + size, 2)
  expect(await readBooks(stack.sql)).toEqual(balanced(events))
  const [issues] = await stack.sql`SELECT count(*)::int AS n FROM issue`
  expect(issues).toEqual({ n: events })
})

test('every dimension of a report is filled and leads to its row: there are no foreign keys to see to it', async () => {
  for (const [name, { perProject }] of DIMENSIONS) {
    if (name === 'tag') continue
    const [counts] = await stack.sql`
      SELECT count(*) FILTER (WHERE report.${stack.sql(`${name}_id`)} IS NULL)::int AS empty,
        count(*) FILTER (WHERE dim.id IS NULL)::int AS orphaned
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
