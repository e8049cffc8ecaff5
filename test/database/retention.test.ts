import { type Connection, connect, type Db } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, type Day } from '@rumen/db/partition/day'
import { listDays } from '@rumen/db/partition/list-days'
import { PARTITIONED_TABLES, type PartitionedTable, partitionName } from '@rumen/db/partition/partitioned-tables'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { setRetention } from '@rumen/db/project/set-retention'
import { dropDays } from '@rumen/db/retention/drop-days'
import { expireProjects } from '@rumen/db/retention/expire-projects'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { DIGEST_QUEUE, DIGEST_QUEUES, type DigestQueue } from '@rumen/queue/digest-queue'
import type { Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dropDay } from '../support/drop-day.ts'
import { waitFor } from '../support/wait-for.ts'

const TODAY = '2026-03-31'
const NOW = new Date(`${TODAY}T12:00:00Z`)
/** Longest an insert may take while a day is dropped: a healthy one takes a millisecond, a blocked one seconds. */
const INSERT_MS_MAX = 500

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let shop: NewProject
let blog: NewProject

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 6, name: 'test' })
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

const RETENTION = { reportDays: 5, archiveDays: 3, sessionDays: 8, ledgerDays: 6, dedupeDays: 4 }

function options({ retention = RETENTION, onError = failing } = {}) {
  return { retention, now: NOW, queues: DIGEST_QUEUES, directUrl: database.url, onError }
}

function failing(error: unknown): void {
  throw error
}

async function oldestOf(table: PartitionedTable): Promise<Day | undefined> {
  return (await listDays(db)).find((one) => one.table === table)?.day
}

async function store(table: 'archive' | 'report', { id: projectId }: NewProject, day: Day): Promise<void> {
  if (table === 'archive') {
    await sql`
      INSERT INTO archive (project_id, day, hash, received_at, endpoint, encoding, wire_bytes, body)
      VALUES (${projectId}, ${day}, '\\x01', ${`${day}T10:00:00Z`}, 'envelope', 'gzip', 1, 'body')`
  } else {
    await sql`
      INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level)
      VALUES (${projectId}, gen_random_uuid(), ${day}, '\\x01', 0, 7, now(), ${`${day}T10:00:00Z`}, 3)`
  }
}

/** An archive of that day is still to be digested. */
async function wait({ id }: NewProject, day: Day, queue: DigestQueue = DIGEST_QUEUE): Promise<void> {
  await sql`
    INSERT INTO pgboss.job (name, data)
    VALUES (${queue}, ${JSON.stringify({ project_id: id, day, hash: '0'.repeat(64) })}::text::jsonb)`
}

async function count(table: string, { id }: NewProject): Promise<number> {
  const [row] = await sql<[{ n: number }]>`SELECT count(*)::int AS n FROM ${sql(table)} WHERE project_id = ${id}`
  return row.n
}

describe('days', { timeout: 120_000 }, () => {
  beforeEach(async () => {
    for (let before = 0; before < 12; before++) await createDay(sql, daysBefore(before))
  })

  afterEach(() => sql`TRUNCATE keeper, report, archive, outcome`)

  test('of each table are dropped when they are older than it is kept, today being the first day', async () => {
    expect(await dropDays(db, options())).toBeGreaterThan(0)
    const oldest = await Promise.all(PARTITIONED_TABLES.map(async (table) => [table, await oldestOf(table)]))
    expect(Object.fromEntries(oldest)).toEqual({
      archive: daysBefore(2),
      report: daysBefore(4),
      transaction_event: daysBefore(4),
      attachment: daysBefore(4),
      feedback: daysBefore(4),
      check_in: daysBefore(4),
      session: daysBefore(7),
      outcome: daysBefore(5),
    })
    expect(await dropDays(db, options())).toBe(0)
  })

  test('take their events along only when some are copied: whether archives go first or reports', async () => {
    for (const [archiveDays, reportDays] of [
      [3, 5],
      [5, 3],
    ] as const) {
      for (let before = 0; before < 12; before++) await createDay(sql, daysBefore(before))
      for (const table of ['archive', 'report'] as const) await store(table, shop, daysBefore(3))
      await dropDays(db, options({ retention: { ...RETENTION, archiveDays, reportDays } }))
      expect(await count('keeper', shop)).toBe(1)
      expect([await count('archive', shop), await count('report', shop)].toSorted()).toEqual([0, 1])
      await sql`TRUNCATE keeper, report, archive`
    }
  })

  test('stay when their events cannot be copied, and others go', async () => {
    await store('report', shop, daysBefore(8))
    await store('archive', shop, daysBefore(8))
    const failed: string[] = []
    await sql`ALTER TABLE keeper RENAME TO keeper_away`
    await dropDays(db, options({ onError: (_, ...[partition]: unknown[]) => failed.push(JSON.stringify(partition)) }))
    await sql`ALTER TABLE keeper_away RENAME TO keeper`
    expect(failed.length).toBeGreaterThan(0)
    expect(await oldestOf('report')).toBe(daysBefore(8))
    expect((await listDays(db)).filter(({ table }) => table === 'report').map(({ day }) => day)).not.toContain(
      daysBefore(7),
    )
    await dropDays(db, options())
    expect(await oldestOf('report')).toBe(daysBefore(4))
    expect(await count('keeper', shop)).toBe(1)
  })

  test('of which an archive still waits stay, with all later ones, until it is digested', async () => {
    await wait(shop, daysBefore(6))
    await dropDays(db, options())
    for (const table of PARTITIONED_TABLES)
      expect([daysBefore(6), daysBefore(7)], table).toContain(await oldestOf(table))
    expect(await oldestOf('archive')).toBe(daysBefore(6))
    await sql`UPDATE pgboss.job SET state = 'active', started_on = now() WHERE name = ${DIGEST_QUEUE}`
    expect(await dropDays(db, options())).toBe(0)
    await sql`DELETE FROM pgboss.job WHERE name = ${DIGEST_QUEUE}`
    await dropDays(db, options())
    expect(await oldestOf('archive')).toBe(daysBefore(2))
  })

  test('of the ledger stay until they are compacted', async () => {
    const day = daysBefore(9)
    await sql`INSERT INTO outcome (project_id, day, item_type, outcome, quantity) VALUES (1, ${day}, 'event', 'stored', 1)`
    const errors: unknown[] = []
    await dropDays(db, options({ onError: (error) => errors.push(error) }))
    expect(errors).toHaveLength(1)
    expect(await oldestOf('outcome')).toBe(day)
    await sql`DELETE FROM outcome`
    await dropDays(db, options())
    expect(await oldestOf('outcome')).toBe(daysBefore(5))
  })

  test('that were detached by a process that died before it could drop them are dropped by the next', async () => {
    const day = daysBefore(9)
    const name = partitionName('report', day)
    await sql.unsafe(`COMMENT ON TABLE ${name} IS 'rumen: being dropped'`)
    await sql.unsafe(`ALTER TABLE report DETACH PARTITION ${name}`)
    const aside = partitionName('archive', day)
    await sql.unsafe(`ALTER TABLE archive DETACH PARTITION ${aside}`)
    expect((await listDays(db)).find((one) => one.day === day && one.table === 'report')).toMatchObject({
      isAttached: false,
    })
    await dropDays(db, options())
    const [row] = await sql`SELECT to_regclass(${name}) AS dropped, to_regclass(${aside})::text AS aside`
    expect(row, 'what somebody has set aside himself is his').toEqual({ dropped: null, aside })
    await sql.unsafe(`DROP TABLE ${aside}`)
  })

  test('are marked before they are detached, so that a kill in between leaves no table nobody knows', async () => {
    const day = daysBefore(9)
    const name = partitionName('report', day)
    // Its drop waits for a reader; the mark is there by then.
    const reader = await sql.reserve()
    await reader`BEGIN`
    await reader`SELECT count(*) FROM report WHERE day = ${day}`
    const dropping = dropDay(database.url, { table: 'report', day })
    const isDetaching = async () => (await sql`SELECT FROM pg_inherits WHERE inhdetachpending`).length === 1
    await waitFor('the detach', isDetaching)
    const [row] = await sql`SELECT obj_description(${name}::regclass, 'pg_class') AS mark`
    expect(row?.mark).toBe('rumen: being dropped')
    await reader`COMMIT`
    reader.release()
    await dropping
  })

  test('are dropped while somebody reads one of them, and nobody who writes to another waits', async () => {
    const reader = await sql.reserve()
    await reader`BEGIN`
    await reader`SELECT count(*) FROM report WHERE day = ${daysBefore(7)}`
    let isDone = false
    const dropping = dropDays(db, options()).finally(() => {
      isDone = true
    })
    const isDetaching = async () => (await sql`SELECT FROM pg_inherits WHERE inhdetachpending`).length === 1
    await waitFor('the detach', isDetaching)
    let longestMs = 0
    // Longer than the time-out for locks, three times.
    for (const end = Date.now() + 1_500; Date.now() < end; ) {
      const begin = performance.now()
      await store('report', shop, TODAY)
      longestMs = Math.max(longestMs, performance.now() - begin)
    }
    expect(longestMs).toBeLessThan(INSERT_MS_MAX)
    expect(isDone).toBe(false)
    // A report without its archive shows less.
    expect(await oldestOf('archive'), 'archives of a day go last').toBe(daysBefore(11))
    await reader`COMMIT`
    reader.release()
    await dropping
    expect(await oldestOf('report')).toBe(daysBefore(4))
  })

  test('are left to others by a process that is to stop', async () => {
    const stopped = AbortSignal.abort()
    expect(await dropDays(db, options(), stopped)).toBe(0)
    expect(await oldestOf('report')).toBe(daysBefore(11))
  })

  test('of a connection that is cut while one is dropped are dropped by the next call', async () => {
    const reader = await sql.reserve()
    await reader`BEGIN`
    await reader`SELECT count(*) FROM report WHERE day = ${daysBefore(9)}`
    const failure = dropDay(database.url, { table: 'report', day: daysBefore(9) }).catch((error: unknown) => error)
    await waitFor('the detach', async () => {
      const [row] = await sql`SELECT FROM pg_inherits WHERE inhdetachpending`
      return row !== undefined
    })
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'rumen retention' AND datname = current_database()`
    expect(await failure).toBeInstanceOf(Error)
    await reader`COMMIT`
    reader.release()
    await dropDays(db, options())
    expect(await oldestOf('report')).toBe(daysBefore(4))
  })
})

describe('a project that keeps less than the others', () => {
  beforeAll(async () => {
    for (let before = 0; before < 12; before++) await createDay(sql, daysBefore(before))
    await setRetention(db, blog.id, 2)
  })

  beforeEach(async () => {
    for (const project of [shop, blog]) {
      for (const before of [0, 1, 2, 3]) {
        for (const table of ['archive', 'report'] as const) await store(table, project, daysBefore(before))
      }
    }
  })

  afterEach(() => sql`TRUNCATE keeper, report, archive, session, session_user_hour, digest_error, issue_user, dim_url`)

  const long = { reportDays: 10, archiveDays: 10, sessionDays: 10, ledgerDays: 10, dedupeDays: 10 }
  const expire = (retention = long) => expireProjects(db, { retention, now: NOW, queues: DIGEST_QUEUES })

  async function daysLeft(table: string, { id }: NewProject): Promise<string[]> {
    const rows = await sql<{ day: string }[]>`
      SELECT to_char(day, 'YYYY-MM-DD') AS day FROM ${sql(table)} WHERE project_id = ${id} ORDER BY day DESC`
    return rows.map(({ day }) => day)
  }

  test('has its rows beyond that deleted, and some events copied first; all others keep theirs', async () => {
    expect(await expire()).toBe(4)
    for (const table of ['archive', 'report']) {
      expect(await daysLeft(table, blog)).toEqual([daysBefore(0), daysBefore(1)])
      expect(await daysLeft(table, shop)).toHaveLength(4)
    }
    expect(await daysLeft('keeper', blog)).toEqual([daysBefore(2), daysBefore(3)])
    expect(await count('keeper', shop)).toBe(0)
    expect(await expire()).toBe(0)
  })

  test.for(DIGEST_QUEUES)('keeps what still waits to be digested, in the queue %s', async (queue) => {
    await wait(blog, daysBefore(2), queue)
    // Others' are no matter of theirs.
    await wait(shop, daysBefore(3), queue)
    expect(await expire()).toBe(2)
    for (const table of ['archive', 'report']) {
      expect(await daysLeft(table, blog)).toEqual([daysBefore(0), daysBefore(1), daysBefore(2)])
    }
    await sql`DELETE FROM pgboss.job WHERE name = ${queue}`
    expect(await expire()).toBe(2)
  })

  test('has its users, names, errors and sessions forgotten with them', async () => {
    for (const { id } of [shop, blog]) {
      for (const before of [0, 1, 2, 3, 6, 7]) {
        const day = daysBefore(before)
        await sql`INSERT INTO issue_user VALUES (${id}, 7, ${before}, ${day})`
        await sql`INSERT INTO dim_url (project_id, key, last_day, value) VALUES (${id}, gen_random_uuid(), ${day}, ${day})`
        await sql`INSERT INTO digest_error (project_id, day, archive_hash, code, message) VALUES (${id}, ${day}, '', 'x', '')`
        await sql`
          INSERT INTO session (project_id, sid, day, started_at, status, status_seq, errors, release_id, release_seq, environment_id)
          VALUES (${id}, gen_random_uuid(), ${day}, ${day}, 'ok', 0, 0, 1, 0, 0)`
        await sql`
          INSERT INTO session_user_hour VALUES (${id}, ${`${day}T10:00:00Z`}, 1, 0, gen_random_uuid(), 1, 0, 0, 0, 0)`
      }
    }
    // The rows of a grouping are removed under the lock of its issue.
    await sql`INSERT INTO issue (project_id, number, title, culprit, level, first_seen, last_seen, user_count)
      VALUES (${blog.id}, 1, '', '', 3, now(), now(), 6)`
    await sql`INSERT INTO grouping (project_id, id, key_hash, issue_id, mechanism, key, parts) OVERRIDING SYSTEM VALUE
      SELECT project_id, 7, '\\x00', id, 'v1', '', '[]' FROM issue WHERE project_id = ${blog.id}`
    await expire()
    expect(await count('issue_user', blog)).toBe(2)
    expect(await sql`SELECT user_count::int AS users FROM issue WHERE project_id = ${blog.id}`).toEqual([{ users: 2 }])
    // One day longer: a worker may remember it since before midnight.
    expect(await count('dim_url', blog)).toBe(3)
    expect(await count('digest_error', blog)).toBe(2)
    // Sessions are merged into for five days, whatever is asked for.
    expect(await daysLeft('session', blog)).toEqual([0, 1, 2, 3, 6].map(daysBefore))
    expect(await count('session_user_hour', blog)).toBe(5)
    for (const table of ['issue_user', 'dim_url', 'digest_error', 'session', 'session_user_hour']) {
      expect(await count(table, shop), table).toBe(6)
    }
    await sql`TRUNCATE issue, grouping`
  })

  test('loses nothing while it is to keep as long as all others again', async () => {
    await setRetention(db, blog.id, null)
    expect(await expire()).toBe(0)
    await setRetention(db, blog.id, 2)
  })

  test('keeps no longer than all others, whatever was asked for', async () => {
    await setRetention(db, blog.id, 8)
    expect(await expire({ ...long, reportDays: 3, archiveDays: 3 })).toBe(2)
    await setRetention(db, blog.id, 2)
  })
})
