import { type Connection, connect, type Db } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { readReports, type StoredReport } from '@rumen/db/regroup/read-reports'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeGroupings, type Sent, storeReports } from '../support/store-reports.ts'

const TODAY = dayOf(new Date())
/** In Berlin the hour from 00:00 to 01:00 UTC and the next one have the same times. */
const CLOCKS_GO_BACK: Day = '2026-10-25'

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let project: NewProject
let projects = 0

beforeAll(async () => {
  database = await testDatabase()
  // One session, whose time zone and whose statistics a test may look at.
  connection = connect(database.url, { poolSize: 1, name: 'test' })
  ;({ db, sql } = connection)
})

beforeEach(async () => {
  project = await createProject(db, { name: `Shop ${++projects}` })
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

async function store(groupingId: number, sent: readonly Sent[]): Promise<string[]> {
  const stored = await storeReports({ db, projectId: project.id }, groupingId, sent)
  return stored.map(({ eventId }) => eventId)
}

async function makeKeys(...keys: readonly string[]): Promise<number[]> {
  return await makeGroupings({ db, projectId: project.id }, keys)
}

/** The ids of a day, page by page. */
async function readAll(day: Day, countMax: number): Promise<string[]> {
  const ids: string[] = []
  let after: StoredReport['place'] | null = null
  for (;;) {
    const page: readonly StoredReport[] = await readReports(db, { projectId: project.id, day, after, countMax })
    ids.push(...page.map(({ eventId }) => eventId))
    after = page.at(-1)?.place ?? null
    if (after === null || ids.length > 100_000) return ids
  }
}

test('pages of reports are of one day each, in the order of groupings, and leave out none', async () => {
  const [one = 0, other = 0] = await makeKeys('a', 'b')
  const later = await store(
    other,
    Array.from({ length: 5 }, () => ({})),
  )
  const earlier = await store(one, [{ at: '10:00' }, { at: '09:00' }])
  await store(one, [{ day: addDays(TODAY, 1) }])
  const ids = await readAll(TODAY, 2)
  expect(ids.slice(0, 2)).toEqual(earlier.toReversed())
  expect(ids.slice(2).toSorted()).toEqual(later.toSorted())
})

test('a session whose clock goes back reads every report of that day once', async () => {
  await createDay(sql, CLOCKS_GO_BACK)
  const [grouping = 0] = await makeKeys('a')
  const times = ['00:10', '00:20', '00:40', '01:05', '01:15', '01:30']
  const stored = await store(
    grouping,
    times.map((at) => ({ day: CLOCKS_GO_BACK, at })),
  )
  await sql`SET TIME ZONE 'Europe/Berlin'`
  expect(await readAll(CLOCKS_GO_BACK, 2)).toEqual(stored)
  await sql`SET TIME ZONE 'UTC'`
})

/** Rows of a table that were looked at so far. */
async function rowsRead(table: string): Promise<number> {
  await sql`SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()`
  const [row] = await sql<{ rows: number }[]>`
    SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_user_tables WHERE relname = ${table}`
  return row?.rows ?? 0
}

test('a page looks at the rows it has, and not at the whole day', async () => {
  const [one = 0, other = 0] = await makeKeys('a', 'b')
  const partition = `report_${TODAY.replaceAll('-', '')}`
  await sql`
    INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level)
    SELECT ${project.id}, gen_random_uuid(), ${TODAY}, '\\x00', 0, (ARRAY[${one}::bigint, ${other}::bigint])[1 + n % 2],
      ${TODAY}::date + n * interval '1 second', ${TODAY}::date + n * interval '1 second', 3
    FROM generate_series(1, 20000) AS n`
  await sql.unsafe(`VACUUM ANALYZE ${partition}`)
  const before = await rowsRead(partition)
  expect(before).toBeGreaterThanOrEqual(0)
  const ids = await readAll(TODAY, 500)
  expect(new Set(ids).size).toBe(20_000)
  expect(ids).toHaveLength(20_000)
  // A page looks ahead a row or two, where the order of the index ends.
  const looked = (await rowsRead(partition)) - before
  expect(looked).toBeGreaterThan(10_000)
  expect(looked).toBeLessThan(22_000)
})
