import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, connect, type Db } from '@rumen/db/connect'
import { expireIssueUsers } from '@rumen/db/issue/expire-users'
import { unmuteDue } from '@rumen/db/issue/unmute-due'
import { compactOutcomes } from '@rumen/db/outcome/compact-outcomes'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { oldestDay } from '@rumen/db/partition/oldest-day'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { dropDay } from '../support/drop-day.ts'
import { waitFor } from '../support/wait-for.ts'

const TODAY = dayOf(new Date())
const NOW = new Date('2026-11-26T12:34:56Z')
const AT = NOW.toISOString()

let database: DatabaseClone
let connections: Connection[]
let db: Db
let sql: Sql

beforeAll(async () => {
  database = await testDatabase()
  connections = [1, 2].map(() => connect(database.url, { poolSize: 4, name: 'test' }))
  ;({ db, sql } = connections[0] ?? never())
})

afterEach(async () => {
  await sql`TRUNCATE outcome, outcome_hour, issue, grouping, issue_user, activity`
})

afterAll(async () => {
  await Promise.all(connections.map(({ close }) => close()))
  await database.drop()
})

describe('the ledger', () => {
  /** Rows of two projects, two days of receipt and five endings, the last hours of which are `hoursAgo` and more. */
  async function record(rows: number, hoursAgo = 1): Promise<void> {
    await sql`
      INSERT INTO outcome (project_id, day, recorded_at, item_type, outcome, reason, quantity)
      SELECT 1 + n % 2, ${TODAY}::date + n % 2, ${AT}::timestamptz - make_interval(hours => ${hoursAgo} + n % 3),
        'event', CASE WHEN n % 5 = 0 THEN 'rejected' ELSE 'stored' END, CASE WHEN n % 5 = 0 THEN 'bad_json' END, 1 + n % 7
      FROM generate_series(1, ${rows}) AS n`
  }

  async function sums(): Promise<{ rows: number; total: number }> {
    const [row] = await sql<[{ rows: number; total: number }]>`
      SELECT (SELECT count(*) FROM outcome)::int AS rows,
        ((SELECT coalesce(sum(quantity), 0) FROM outcome) + (SELECT coalesce(sum(quantity), 0) FROM outcome_hour))::int AS total`
    return row
  }

  test('is added up by project, hour it was recorded in, item type, outcome and reason', async () => {
    await sql`
      INSERT INTO outcome_hour VALUES (1, '2026-11-26T11:00:00Z', 'event', 'stored', '', 100)`
    const rows = [
      [1, '2026-11-26T11:00:00Z', 'stored', null, 1],
      [1, '2026-11-26T11:59:59.999Z', 'stored', null, 2],
      [1, '2026-11-26T10:59:59.999Z', 'stored', null, 4],
      [1, '2026-11-26T11:30:00Z', 'rejected', 'bad_json', 8],
      [1, '2026-11-26T11:30:00Z', 'rejected', 'too_large', 16],
      [2, '2026-11-26T11:30:00Z', 'stored', null, 32],
      [1, '2026-11-26T12:00:00Z', 'stored', null, 64],
    ] as const
    for (const [project, at, outcome, reason, quantity] of rows) {
      await sql`INSERT INTO outcome VALUES (${project}, ${TODAY}, ${at}, 'event', ${outcome}, ${reason}, ${quantity})`
    }
    expect(await compactOutcomes(db, NOW)).toBe(6)
    const hours = await sql`
      SELECT project_id::int AS project, to_char(hour AT TIME ZONE 'UTC', 'HH24:MI') AS hour, outcome, reason, quantity::int
      FROM outcome_hour ORDER BY 1, 2, 3, 4`
    expect(hours.map((row) => Object.values(row))).toEqual([
      [1, '10:00', 'stored', '', 4],
      [1, '11:00', 'rejected', 'bad_json', 8],
      [1, '11:00', 'rejected', 'too_large', 16],
      [1, '11:00', 'stored', '', 103],
      [2, '11:00', 'stored', '', 32],
    ])
    // The hour that is not over stays as it is.
    expect(await sql`SELECT quantity::int FROM outcome`).toEqual([{ quantity: 64 }])
  })

  test('says the same total to whoever looks, while two processes compact it and rows are added', async () => {
    await record(50_000)
    const { total } = await sums()
    let added = 0
    let isDone = false
    const compacting = Promise.all(connections.map((one) => compactOutcomes(one.db, NOW))).finally(() => {
      isDone = true
    })
    const seen: number[] = []
    while (!isDone) {
      const before = added
      seen.push((await sums()).total - before)
      await sql`INSERT INTO outcome VALUES (3, ${TODAY}, ${AT}, 'event', 'stored', NULL, 1)`
      added++
      await delay(1)
    }
    await compacting
    expect(new Set(seen)).toEqual(new Set([total]))
    expect(await sums()).toEqual({ rows: added, total: total + added })
    // Nobody else adds to these hours: what each process counted as moved is all there was.
    expect(await compactOutcomes(db, NOW)).toBe(0)
  })

  test('takes up what was committed late, in an hour that was compacted already', async () => {
    await record(10)
    await compactOutcomes(db, NOW)
    await record(10)
    const { total } = await sums()
    expect(await compactOutcomes(db, NOW)).toBe(10)
    expect(await sums()).toEqual({ rows: 0, total })
  })

  test('is left alone by a process that is to stop', async () => {
    await record(10)
    expect(await compactOutcomes(db, NOW, AbortSignal.abort())).toBe(0)
    expect((await sums()).rows).toBe(10)
  })
})

interface Mute {
  status?: string
  muted_until?: Date
  muted_until_count?: number
}

async function addIssue(
  id: number,
  { status = 'unresolved', muted_until, muted_until_count }: Mute = {},
): Promise<void> {
  await sql`
    INSERT INTO issue (
      project_id, id, number, title, culprit, level, first_seen, last_seen, status, muted_until, muted_until_count
    )
    OVERRIDING SYSTEM VALUE
    VALUES (1, ${id}, ${id}, 'Error', '', 3, now(), now(), ${status}, ${muted_until?.toISOString() ?? null},
      ${muted_until_count ?? null})`
}

describe('a muted issue', () => {
  const before = new Date(NOW.getTime() - 1)
  const after = new Date(NOW.getTime() + 1)

  test('that is merged into another stays muted until it is by itself again', async () => {
    await addIssue(1)
    await addIssue(2, { status: 'muted', muted_until: before })
    await sql`UPDATE issue SET merged_into = 1 WHERE id = 2`
    expect(await unmuteDue(db, NOW)).toBe(0)
    await sql`UPDATE issue SET merged_into = NULL`
    expect(await unmuteDue(db, NOW)).toBe(1)
  })

  test('is unresolved again when its time has come, and its timeline says so', async () => {
    await addIssue(1, { status: 'muted', muted_until: NOW, muted_until_count: 10 })
    expect(await unmuteDue(db, before)).toBe(0)
    expect(await unmuteDue(db, NOW)).toBe(1)
    expect(await unmuteDue(db, after)).toBe(0)
    const issues = await sql`SELECT status, muted_until, muted_until_count FROM issue`
    expect(issues).toEqual([{ status: 'unresolved', muted_until: null, muted_until_count: null }])
    const timeline = await sql`SELECT project_id::int, issue_id::int, kind, at = ${AT} AS is_now, data FROM activity`
    expect(timeline).toEqual([{ project_id: 1, issue_id: 1, kind: 'unmuted', is_now: true, data: { reason: 'time' } }])
  })

  test('stays muted where it is so for longer, for good, or until a number of events', async () => {
    await addIssue(1, { status: 'muted', muted_until: after })
    await addIssue(2, { status: 'muted' })
    await addIssue(3, { status: 'muted', muted_until_count: 1 })
    await addIssue(4, { status: 'resolved', muted_until: before })
    expect(await unmuteDue(db, NOW)).toBe(0)
    expect(await sql`SELECT FROM activity`).toHaveLength(0)
  })

  test('is unmuted once by two processes that come at the same moment', async () => {
    for (let id = 1; id <= 50; id++) await addIssue(id, { status: 'muted', muted_until: before })
    const counts = await Promise.all(connections.map((one) => unmuteDue(one.db, NOW)))
    expect(counts.reduce((sum, n) => sum + n)).toBe(50)
    expect(await sql`SELECT FROM activity`).toHaveLength(50)
  })
})

describe('users of issues', () => {
  const OLDEST = addDays(TODAY, -10)

  beforeAll(async () => {
    await createDay(sql, OLDEST)
    await createDay(sql, addDays(OLDEST, 2))
  })

  async function addGrouping(id: number, issue: number): Promise<void> {
    await sql`
      INSERT INTO grouping (project_id, id, key_hash, issue_id, mechanism, key, parts) OVERRIDING SYSTEM VALUE
      VALUES (1, ${id}, int8send(${id}), ${issue}, 'v1', '', '[]')`
  }

  async function meet(grouping: number, users: readonly [first: number, last: number], day: string): Promise<void> {
    await sql`
      INSERT INTO issue_user SELECT 1, ${grouping}, n, ${day} FROM generate_series(${users[0]}::int, ${users[1]}) AS n
      ON CONFLICT (project_id, grouping_id, user_key) DO UPDATE SET last_day = excluded.last_day`
    await recount()
  }

  async function recount(): Promise<void> {
    await sql`
      UPDATE issue SET user_count = (
        SELECT count(DISTINCT user_key) FROM issue_user JOIN grouping ON grouping.id = grouping_id WHERE issue_id = issue.id
      )`
  }

  async function counts() {
    return await sql`
      SELECT issue.id::int, user_count::int AS counted, count(DISTINCT user_key)::int AS users, count(user_key)::int AS rows
      FROM issue JOIN grouping ON issue_id = issue.id LEFT JOIN issue_user ON grouping_id = grouping.id
      GROUP BY issue.id, user_count ORDER BY issue.id`
  }

  test('are forgotten with the reports of the last day they met one, and counted off it', async () => {
    expect(await oldestDay(db, ['report'])).toBe(OLDEST)
    for (const id of [1, 2]) await addIssue(id)
    for (const id of [1, 2]) await addGrouping(id, id)
    await meet(1, [1, 2500], addDays(OLDEST, -1))
    await meet(1, [2501, 2510], OLDEST)
    await meet(2, [1, 5], addDays(OLDEST, -30))
    // Five of the old ones met it again.
    await meet(1, [1, 5], TODAY)
    expect(await expireIssueUsers(db)).toBe(2500)
    expect(await counts()).toEqual([
      { id: 1, counted: 15, users: 15, rows: 15 },
      { id: 2, counted: 0, users: 0, rows: 0 },
    ])
    await dropDay(database.url, { table: 'report', day: OLDEST })
    expect(await expireIssueUsers(db)).toBe(10)
    expect(await counts()).toMatchObject([{ counted: 5, users: 5, rows: 5 }, {}])
  })

  test('stay counted while one grouping of their issue knows them', async () => {
    await addIssue(1)
    for (const id of [1, 2]) await addGrouping(id, 1)
    await meet(1, [1, 1500], addDays(OLDEST, -1))
    await meet(2, [1, 1200], addDays(OLDEST, -1))
    await meet(2, [1, 700], TODAY)
    expect(await counts()).toEqual([{ id: 1, counted: 1500, users: 1500, rows: 2700 }])
    expect(await expireIssueUsers(db)).toBe(2000)
    expect(await counts()).toEqual([{ id: 1, counted: 700, users: 700, rows: 700 }])
  })

  test('of a grouping that moves to another issue meanwhile are counted off the issue it comes to', async () => {
    for (const id of [1, 2]) await addIssue(id)
    for (const id of [1, 2]) await addGrouping(id, id)
    await meet(1, [1, 10], addDays(OLDEST, -1))
    await meet(1, [8, 10], TODAY)
    await meet(2, [10, 12], TODAY)
    const merging = await sql.reserve()
    await merging`BEGIN`
    await merging`SELECT FROM issue ORDER BY project_id, id FOR UPDATE`
    const expiring = expireIssueUsers(db)
    await waitFor('the expiry to wait', async () => {
      const rows =
        await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
      return rows.length === 1
    })
    await merging`UPDATE grouping SET issue_id = 2 WHERE id = 1`
    await merging`UPDATE issue SET user_count = CASE WHEN id = 2 THEN 12 ELSE 0 END`
    await merging`COMMIT`
    merging.release()
    // What it found was another issue's by then, and is left to the next time.
    expect(await expiring).toBe(0)
    expect(await expireIssueUsers(db)).toBe(7)
    expect(await counts()).toEqual([{ id: 2, counted: 5, users: 5, rows: 6 }])
  })

  test('are counted exactly while two processes forget them and others come back', async () => {
    for (const id of [1, 2, 3]) {
      await addIssue(id)
      await addGrouping(id, id)
      await meet(id, [1, 4000], addDays(OLDEST, -1))
    }
    const comeBack = async () => {
      for (let user = 4000; user > 3900; user--) {
        await sql.begin(async (tx) => {
          await tx`SELECT FROM issue WHERE id IN (1, 2, 3) ORDER BY project_id, id FOR NO KEY UPDATE`
          const met = await tx`
            INSERT INTO issue_user SELECT 1, n, ${user}, ${TODAY} FROM generate_series(1, 3) AS n
            ON CONFLICT (project_id, grouping_id, user_key) DO UPDATE SET last_day = excluded.last_day
            RETURNING grouping_id, xmax = 0 AS is_new`
          const fresh = met.filter(({ is_new }) => is_new).map(({ grouping_id }) => grouping_id)
          if (fresh.length > 0) await tx`UPDATE issue SET user_count = user_count + 1 WHERE id IN ${tx(fresh)}`
        })
      }
    }
    await Promise.all([comeBack(), ...connections.map((one) => expireIssueUsers(one.db))])
    expect(await counts()).toEqual([1, 2, 3].map((id) => ({ id, counted: 100, users: 100, rows: 100 })))
  })
})

function never(): never {
  throw new Error('this test is wrong')
}
