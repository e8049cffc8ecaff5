import { type Connection, connect, type Db } from '@rumen/db/connect'
import { DIMENSIONS } from '@rumen/db/dimension/dimensions'
import { expireValues } from '@rumen/db/dimension/expire-values'
import { resolveValues } from '@rumen/db/dimension/resolve-values'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, type Day } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { earlierClock } from '@rumen/db/retention/earlier-clock'
import { expireRows } from '@rumen/db/retention/expire-rows'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dropDay } from '../support/drop-day.ts'

const TODAY = '2026-03-31'
const NOW = new Date(`${TODAY}T12:00:00Z`)
const RETENTION = { reportDays: 5, archiveDays: 3, sessionDays: 8, ledgerDays: 6, dedupeDays: 4 }

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let shop: NewProject
let blog: NewProject

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 2, name: 'test' })
  ;({ db, sql } = connection)
  shop = await createProject(db, { name: 'Shop' })
  blog = await createProject(db, { name: 'Blog' })
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

function daysBefore(days: number): Day {
  return addDays(TODAY, -days)
}

describe('rows', () => {
  test('of each table go after its days', async () => {
    for (let before = 0; before < 12; before++) {
      const day = daysBefore(before)
      const hour = `${day}T10:00:00Z`
      await sql`INSERT INTO seen VALUES (1, gen_random_uuid(), ${day})`
      await sql`INSERT INTO digest_error (project_id, day, archive_hash, code, message) VALUES (1, ${day}, '', 'x', '')`
      await sql`INSERT INTO digest_attempt VALUES (1, ${day}, '', 1)`
      await sql`INSERT INTO suppressed VALUES (1, ${day}, '', -1, 'person_erased')`
      await sql`INSERT INTO outcome_hour VALUES (0, ${hour}, 'request', 'archived', '', 1)`
      await sql`INSERT INTO client_discard_hour VALUES (1, ${hour}, 'error', 'x', 1)`
      await sql`INSERT INTO session_user_hour VALUES (1, ${hour}, 1, 0, gen_random_uuid(), 1, 0, 0, 0, 0)`
      await sql`INSERT INTO session_hour VALUES (1, ${hour}, 1, 0, 1, 0, 0, 0, 0)`
      await sql`INSERT INTO issue_hour VALUES (1, 7, ${hour}, 1)`
    }
    await sql`INSERT INTO rumination (scope, progress, finished_at) VALUES
      ('{}', '{}', ${daysBefore(91)}), ('{}', '{}', ${daysBefore(89)}), ('{}', '{}', NULL)`
    await expireRows(db, { retention: RETENTION, now: NOW })
    const left: Record<string, number> = {}
    for (const table of [
      'seen',
      'digest_error',
      'digest_attempt',
      'suppressed',
      'outcome_hour',
      'client_discard_hour',
      'session_user_hour',
      'session_hour',
      'issue_hour',
      'rumination',
    ]) {
      const [row] = await sql<[{ n: number }]>`SELECT count(*)::int AS n FROM ${sql(table)}`
      left[table] = row.n
    }
    expect(left).toEqual({
      ...{ seen: 4, digest_error: 3, digest_attempt: 3, suppressed: 4, outcome_hour: 6, client_discard_hour: 6 },
      ...{ session_user_hour: 8, rumination: 2 },
      // What is counted stays for good.
      ...{ session_hour: 12, issue_hour: 12 },
    })
  })

  test('that say what must not come back stay as long as archives of their day', async () => {
    for (const before of [5, 6]) {
      await createDay(sql, daysBefore(before))
      await sql`INSERT INTO suppressed VALUES (2, ${daysBefore(before)}, '', -1, 'issue_deleted')`
    }
    await dropDay(database.url, { table: 'archive', day: daysBefore(6) })
    await expireRows(db, { retention: RETENTION, now: NOW })
    expect(await sql`SELECT to_char(day, 'YYYY-MM-DD') AS day FROM suppressed WHERE project_id = 2`).toEqual([
      { day: daysBefore(5) },
    ])
    await dropDay(database.url, { table: 'archive', day: daysBefore(5) })
    await expireRows(db, { retention: RETENTION, now: NOW })
    expect(await sql`SELECT FROM suppressed WHERE project_id = 2`).toHaveLength(0)
  })

  test('are swept from one end of a table to the other, a few pages at a time', async () => {
    await sql`TRUNCATE seen`
    await sql`
      INSERT INTO seen SELECT 1, gen_random_uuid(), CASE WHEN n % 3 = 0 THEN ${daysBefore(9)}::date ELSE ${TODAY} END
      FROM generate_series(1, 150000) AS n`
    const [size] = await sql<[{ pages: number }]>`SELECT pg_relation_size('seen')::int / 8192 AS pages`
    expect(size.pages).toBeGreaterThan(1000)
    expect(await expireRows(db, { retention: RETENTION, now: NOW }, AbortSignal.abort())).toBe(0)
    expect(await expireRows(db, { retention: RETENTION, now: NOW })).toBe(50_000)
    expect(await sql`SELECT FROM seen WHERE day < ${TODAY} LIMIT 1`).toHaveLength(0)
  })

  test('that name a release or an environment keep it: hours of sessions do for good', async () => {
    const old = daysBefore(40)
    const use = async (name: 'release' | 'environment', value: string) => {
      const dimension = DIMENSIONS.get(name)
      if (!dimension) throw new Error('no dimension')
      const [id] = await resolveValues(db, dimension, [{ projectId: shop.id, values: [value] }], old)
      return id ?? 0
    }
    const [named, unnamed] = [await use('release', 'named'), await use('release', 'unnamed')]
    const [stage, other] = [await use('environment', 'stage'), await use('environment', 'other')]
    // The same numbers in another project are others' names.
    await sql`INSERT INTO session_hour VALUES
      (${shop.id}, now(), ${named}, ${stage}, 1, 0, 0, 0, 0), (${blog.id}, now(), ${unnamed}, ${other}, 1, 0, 0, 0, 0)`
    await expireValues(db)
    expect(await sql`SELECT value FROM dim_release WHERE project_id = ${shop.id}`).toEqual([{ value: 'named' }])
    expect(await sql`SELECT value FROM dim_environment WHERE project_id = ${shop.id}`).toEqual([{ value: 'stage' }])
    await sql`TRUNCATE session_hour`
  })
})

test('a clock that is ahead of the database’s is not believed, one that is behind is', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const real = vi.getRealSystemTime()
    vi.setSystemTime(real + 100 * 24 * 60 * 60 * 1000)
    expect(Math.abs((await earlierClock(db)).getTime() - real)).toBeLessThan(60_000)
    vi.setSystemTime('2020-01-01')
    expect(await earlierClock(db)).toEqual(new Date('2020-01-01'))
  } finally {
    vi.useRealTimers()
  }
})
