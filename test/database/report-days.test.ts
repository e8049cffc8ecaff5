import { type Connection, connect } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { setRetention } from '@rumen/db/project/set-retention'
import { countDays } from '@rumen/db/report/count-days'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dropDay } from '../support/drop-day.ts'
import { waitFor } from '../support/wait-for.ts'

const TODAY = dayOf(new Date())
const [YESTERDAY, OLD] = [addDays(TODAY, -1), addDays(TODAY, -3)]

let database: DatabaseClone
let connection: Connection
let sql: Connection['sql']
let shop: NewProject
let blog: NewProject

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 2, name: 'test' })
  sql = connection.sql
  shop = await createProject(connection.db, { name: 'Shop' })
  blog = await createProject(connection.db, { name: 'Blog' })
  await sql`INSERT INTO dim_platform (key, value) VALUES (gen_random_uuid(), 'python')`
  await sql`
    INSERT INTO dim_release (project_id, key, value, last_day)
    SELECT id, gen_random_uuid(), 'v1', ${TODAY} FROM project`
})

beforeEach(async () => {
  for (const day of [TODAY, YESTERDAY, OLD]) await createDay(sql, day)
  await sql`TRUNCATE report, report_day, report_day_counted`
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

async function store({ id }: NewProject, { day, level = 3, count = 1 }: { day: Day; level?: number; count?: number }) {
  await sql`
    INSERT INTO report (
      project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level, platform_id, release_id)
    SELECT ${id}, gen_random_uuid(), ${day}, '\\x01', 0, 7, now(), now(), ${level},
      (SELECT id FROM dim_platform LIMIT 1), CASE WHEN ${level} > 2 THEN (SELECT id FROM dim_release WHERE project_id = ${id}) END
    FROM generate_series(1, ${count}::int)`
}

/** `shop 2026-03-31 error python v1 production 2`, as an analyst reads it. */
async function read(): Promise<readonly string[]> {
  const rows = await sql<Record<string, unknown>[]>`
    SELECT project, day::text AS day, level, platform, release, environment, events::int AS events
    FROM analytics.report_days ORDER BY project, day DESC, level`
  return rows.map((row) => Object.values(row).join(' '))
}

/** Counts until nothing is left to count: the server's statistics follow within a second or so. */
async function countAll(): Promise<void> {
  await sql`SELECT pg_stat_force_next_flush()`
  await countDays(connection.db)
}

/** Resolves once a count gives these. */
async function eventually(rows: readonly string[]): Promise<void> {
  await waitFor('the count', async () => {
    await countAll()
    return JSON.stringify(await read()) === JSON.stringify(rows) ? true : null
  })
}

test('reports are counted by day and what they are mostly asked for', async () => {
  await store(shop, { day: TODAY, count: 2 })
  await store(shop, { day: TODAY, level: 2 })
  await store(shop, { day: YESTERDAY })
  await store(blog, { day: TODAY, level: 4 })
  await countAll()
  expect(await read()).toEqual([
    `blog ${TODAY} fatal python v1  1`,
    `shop ${TODAY} error python v1  2`,
    `shop ${TODAY} warning python   1`,
    `shop ${YESTERDAY} error python v1  1`,
  ])
})

test('what came, was changed or is gone since is counted by the next call, and days that stayed are not read again', async () => {
  await store(shop, { day: TODAY, count: 3 })
  await store(shop, { day: OLD, count: 2 })
  await eventually([`shop ${TODAY} error python v1  3`, `shop ${OLD} error python v1  2`])
  await waitFor('days that stay', async () => ((await countDays(connection.db)) === 0 ? true : null))
  await store(shop, { day: TODAY })
  await eventually([`shop ${TODAY} error python v1  4`, `shop ${OLD} error python v1  2`])
  await sql`UPDATE report SET level = 4 WHERE day = ${OLD}`
  await eventually([`shop ${TODAY} error python v1  4`, `shop ${OLD} fatal python v1  2`])
  await sql`DELETE FROM report WHERE day = ${OLD}`
  await eventually([`shop ${TODAY} error python v1  4`])
})

test('days go with their reports, and a project that keeps less hides its own', async () => {
  await store(shop, { day: OLD })
  await store(blog, { day: OLD })
  await setRetention(connection.db, blog.id, 2)
  await countAll()
  expect(await read()).toEqual([`shop ${OLD} error python v1  1`])
  await dropDay(database.url, { table: 'report', day: OLD })
  await countAll()
  expect(await sql`SELECT FROM report_day`).toHaveLength(0)
})
