import { afterAll, beforeAll, expect, test } from 'vitest'
import { frame, makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
})

afterAll(() => stack?.stop())

/** What grows with traffic, and is read or written for every batch. */
const GROWN = [
  'seen',
  'issue',
  'grouping',
  'issue_hour',
  'issue_tag',
  'issue_user',
  'tag',
  'dim_user',
  'dim_release',
  'dim_exception_message',
  'session_hour',
  'session_user_hour',
] as const
const ROWS = 30_000

/** Rows as an installation has them after a while, with what the planner knows of them. */
async function grow(): Promise<void> {
  const { sql, project } = stack
  const id = project.id
  await sql.unsafe(`
    INSERT INTO issue (project_id, number, title, culprit, level, first_seen, last_seen, event_count)
      SELECT ${id}, 1000 + n, 'Old ' || n, '', 3, now(), now(), 1 FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts)
      SELECT ${id}, sha256(n::text::bytea), n, 'v1', 'old', '[]' FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO issue_hour (project_id, grouping_id, hour, event_count)
      SELECT ${id}, n, date_trunc('hour', now()), 1 FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO issue_tag (project_id, grouping_id, tag_key, tag_value, event_count)
      SELECT ${id}, n, 'old', 'value', 1 FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO issue_user (project_id, grouping_id, user_key, last_day)
      SELECT ${id}, n, n, current_date FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO seen (project_id, key, day)
      SELECT ${id}, gen_random_uuid(), current_date FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO tag (project_id, key, tag_key, tag_value, first_day)
      SELECT ${id}, gen_random_uuid(), 'old' || n % 40, n::text, current_date - n % 60 FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO dim_user (project_id, key, identifier)
      SELECT ${id}, gen_random_uuid(), n::text FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO dim_release (project_id, key, value)
      SELECT ${id}, gen_random_uuid(), n::text FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO dim_exception_message (project_id, key, value)
      SELECT ${id}, gen_random_uuid(), n::text FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO session_hour
      SELECT ${id}, date_trunc('hour', now()) - n * interval '1 hour', n, 0, 1, 0, 0, 0, 0 FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO session_user_hour
      SELECT ${id}, date_trunc('hour', now()), 1, 0, gen_random_uuid(), 1, 0, 0, 0, 0 FROM generate_series(1, ${ROWS}) AS n`)
  await sql.unsafe('VACUUM ANALYZE')
}

/** How often each table was read from end to end, and how often by an index, counted since ever. */
async function readScans(): Promise<Map<string, { whole: number; byIndex: number }>> {
  await stack.sql`SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()`
  const rows = await stack.sql<{ name: string; whole: number; byIndex: number }[]>`
    SELECT relname AS name, seq_scan::int AS whole, idx_scan::int AS "byIndex"
    FROM pg_stat_user_tables WHERE relname IN ${stack.sql([...GROWN])}`
  return new Map(rows.map(({ name, ...scans }) => [name, scans]))
}

test('no batch reads a grown table from end to end', async () => {
  await grow()
  const before = await readScans()
  const events = Array.from({ length: 60 }, (_, n) =>
    makeEnvelope(
      makeEvent({
        release: `shop@${n}`,
        user: { id: `user ${n}` },
        tags: { flavour: `taste ${n % 20}` },
        exception: {
          values: [
            { type: `Kind${'abcdef'[n % 6]}`, value: `boom ${n}`, stacktrace: { frames: [frame('a.js', 'main')] } },
          ],
        },
      }),
    ),
  )
  const started = new Date().toISOString()
  const sessions = Array.from({ length: 20 }, (_, n) => {
    const attrs = { release: `shop@${n}`, environment: 'production' }
    return `{}\n{"type":"session"}\n${JSON.stringify({ sid: crypto.randomUUID(), did: `${n}`, started, init: true, attrs })}`
  })
  for (const body of [...events, ...sessions]) {
    expect((await postEnvelope(stack.gatewayUrl, stack.project, body)).status).toBe(200)
  }
  const worker = await stack.addWorker()
  // Not the books: a recount reads everything.
  await waitFor('the digest', async () => {
    const [job] = await stack.sql`SELECT FROM pgboss.job WHERE name IN ('digest', 'digest-excess') LIMIT 1`
    return job === undefined
  })
  // A session says what it did when it is idle for a while, or at its end.
  await worker.stop()
  const after = await waitFor('the statistics', async () => {
    const scans = await readScans()
    return (scans.get('issue_user')?.byIndex ?? 0) > (before.get('issue_user')?.byIndex ?? 0) ? scans : null
  })
  const whole = GROWN.map((name) => [name, (after.get(name)?.whole ?? 0) - (before.get(name)?.whole ?? 0)])
  expect(Object.fromEntries(whole)).toEqual(Object.fromEntries(GROWN.map((name) => [name, 0])))
})
