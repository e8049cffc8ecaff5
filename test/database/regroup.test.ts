import { type Connection, connect, type Db } from '@rumen/db/connect'
import { deleteIssue } from '@rumen/db/issue/delete-issue'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { type MovingReport, moveReports } from '@rumen/db/regroup/move-reports'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { LEVELS } from '@rumen/protocol/event'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { recount } from '../support/recount.ts'
import { makeGroupings, novelEventId, type Sent, storeReports } from '../support/store-reports.ts'
import { countStatements } from './statement-counter.ts'

const TODAY = dayOf(new Date())

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let project: NewProject
let projects = 0

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 4, name: 'test' })
  ;({ db, sql } = connection)
})

beforeEach(async () => {
  project = await createProject(db, { name: `Shop ${++projects}` })
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

async function store(groupingId: number, sent: readonly Sent[]): Promise<MovingReport[]> {
  return await storeReports({ db, projectId: project.id }, groupingId, sent)
}

async function makeKeys(...keys: readonly string[]): Promise<number[]> {
  return await makeGroupings({ db, projectId: project.id }, keys)
}

async function issueOf(groupingId: number): Promise<number> {
  const [row] = await sql<{ issue_id: string }[]>`SELECT issue_id FROM grouping WHERE id = ${groupingId}`
  return Number(row?.issue_id)
}

async function move(reports: readonly MovingReport[], to: number, day = TODAY): Promise<number> {
  return await moveReports(db, {
    projectId: project.id,
    version: 1,
    day,
    reports: reports.map((one) => ({ ...one, to })),
  })
}

function never(): never {
  throw new Error('it was there when the test was written')
}

describe('reports that move to another grouping', () => {
  test('take along all that is counted of them, whichever go, and everything is again what it was when they come back', async () => {
    const [from = 0, to = 0] = await makeKeys('a', 'b')
    const users = [{ id: 'ada' }, { id: 'ada', ip: '203.0.113.1' }, { ip: '203.0.113.1' }, {}, { id: 'bo' }]
    const sent = users.flatMap((user, n) => [
      {
        user,
        at: `1${n}:30`,
        level: LEVELS[n] ?? 'error',
        release: `1.${n}`,
        tags: { os: `os ${n % 2}`, user: 'x', n: `${n}` },
      },
      { user, at: `1${n % 2}:10`, level: 'fatal' as const, tags: { os: 'os 1' } },
    ])
    const reports = await store(from, sent)
    await store(to, [{ user: { id: 'ada' }, at: '09:00', tags: { os: 'os 0' }, release: '0.9' }])
    expect(await recount(sql, project)).toEqual([])
    const before = await everything()
    // One by one, the newest first, so that each of them was once the newest that was left.
    for (const one of reports.toReversed()) {
      expect(await move([one], to)).toBe(1)
      expect(await recount(sql, project)).toEqual([])
    }
    const [empty] =
      await sql`SELECT event_count::int, level, first_seen, last_seen, first_release, last_release FROM grouping WHERE id = ${from}`
    expect(empty).toEqual({
      event_count: 0,
      level: null,
      first_seen: null,
      last_seen: null,
      first_release: null,
      last_release: null,
    })
    expect(await sql`SELECT FROM issue_hour WHERE grouping_id = ${from}`).toHaveLength(0)
    await move(
      reports.map((one) => ({ ...one, from: to })),
      from,
    )
    expect(await recount(sql, project)).toEqual([])
    expect(await everything()).toEqual(before)
  })

  test('leave behind users of whom something is left, on an earlier day, on the same one, under another address', async () => {
    const [from = 0, to = 0] = await makeKeys('a', 'b')
    const [first, second] = [TODAY, addDays(TODAY, 1)]
    const early = await store(from, [
      { day: first, user: { id: 'stays', ip: '203.0.113.1' } },
      { day: first, user: { id: 'goes' } },
      { day: first, user: { id: 'comes back' } },
    ])
    const late = await store(from, [
      { day: second, user: { id: 'stays', ip: '203.0.113.2' } },
      { day: second, user: { id: 'twice' } },
      { day: second, user: { id: 'twice', ip: '203.0.113.3' } },
      { day: second, user: { id: 'comes back' } },
    ])
    await move(early.slice(1), to, first)
    expect(await recount(sql, project)).toEqual([])
    await move(late.slice(0, 2), to, second)
    expect(await recount(sql, project)).toEqual([])
    await move(late.slice(2), to, second)
    expect(await recount(sql, project)).toEqual([])
    await move(early.slice(0, 1), to, first)
    expect(await recount(sql, project)).toEqual([])
  })

  test('take values beyond the hundred of a tag from where those stand, and nothing is lost', async () => {
    const [from = 0, to = 0] = await makeKeys('a', 'b')
    const values = Array.from({ length: 130 }, (_, n) => `/${String(n).padStart(3, '0')}`)
    const reports = await store(
      from,
      values.map((path) => ({ tags: { path } })),
    )
    const tagsOf = async (id: number) => {
      const [row] = await sql`
        SELECT count(*)::int AS rows, coalesce(sum(event_count), 0)::int AS events,
          coalesce(sum(event_count) FILTER (WHERE tag_value = '(other)'), 0)::int AS other, min(event_count)::int AS least
        FROM issue_tag WHERE grouping_id = ${id}`
      return row
    }
    expect(await tagsOf(from)).toEqual({ rows: 101, events: 130, other: 30, least: 1 })
    await move(reports.slice(90, 110), to)
    expect(await tagsOf(from)).toEqual({ rows: 91, events: 110, other: 20, least: 1 })
    await move(reports.slice(0, 90), to)
    await move(reports.slice(110), to)
    expect(await tagsOf(from)).toEqual({ rows: 0, events: 0, other: 0, least: null })
    expect(await tagsOf(to)).toMatchObject({ rows: 101, events: 130, other: 30 })
  })

  test('keep when a grouping was first seen while one is left, and what it says of what nobody can look at', async () => {
    const [from = 0, to = 0] = await makeKeys('a', 'b')
    const reports = await store(from, [
      { at: '08:00', release: '1.0' },
      { at: '09:00', release: '2.0' },
    ])
    // An event whose report went with its day.
    await sql`UPDATE grouping SET event_count = 3, first_seen = '2026-01-01Z', first_release = '0.1' WHERE id = ${from}`
    await move(reports, to)
    const [rest] = await sql`
      SELECT event_count::int, first_seen = '2026-01-01Z' AS "isFirst", last_seen IS NOT NULL AS "isLast", first_release, last_release
      FROM grouping WHERE id = ${from}`
    expect(rest).toEqual({ event_count: 1, isFirst: true, isLast: true, first_release: '0.1', last_release: '2.0' })
  })

  test('stay where they are when they are elsewhere already, when they or a grouping are gone, or wait for that', async () => {
    const [from = 0, to = 0, other = 0, dying = 0] = await makeKeys('a', 'b', 'c', 'd')
    const reports = await store(from, [{}, {}])
    const [moved = never(), rest = never()] = reports
    expect(await move([moved], other)).toBe(1)
    expect(await move([moved, rest], to)).toBe(1)
    expect(await move([{ ...rest, eventId: novelEventId(), from: to }], other)).toBe(0)
    expect(await move([{ ...rest, from: to }], other, addDays(TODAY, 1))).toBe(0)
    expect(await move([{ ...rest, from: to }], 999_999)).toBe(0)
    await sql`UPDATE issue SET status = 'deleting' WHERE id = ${await issueOf(dying)}`
    expect(await move([{ ...rest, from: to }], dying)).toBe(0)
    expect(await recount(sql, project)).toEqual([])
    await deleteIssue(db, { projectId: project.id, issueId: await issueOf(other) })
    expect(await move([{ ...moved, from: other }], to)).toBe(0)
    expect(await recount(sql, project)).toEqual([])
  })

  test('between issues leave who is in another grouping of the issue, and the level of whoever was last, of two the worse', async () => {
    const [from = 0, beside = 0, to = 0] = await makeKeys('a', 'b', 'c')
    await sql`UPDATE grouping SET issue_id = ${await issueOf(from)} WHERE id = ${beside}`
    const leaving = await store(from, [
      { user: { id: 'ada' }, at: '15:00', level: 'info' },
      { user: { id: 'bo' }, at: '16:00' },
    ])
    await store(from, [
      { at: '14:00', level: 'warning' },
      { at: '14:00', level: 'fatal' },
      { at: '14:00', level: 'debug' },
    ])
    await store(beside, [{ user: { id: 'ada' }, at: '13:00', level: 'info' }])
    await store(to, [{ user: { id: 'bo' }, at: '12:00' }])
    expect(await recount(sql, project)).toEqual([])
    await move(leaving, to)
    expect(await recount(sql, project)).toEqual([])
    const users =
      await sql`SELECT user_count::int AS users, level FROM issue WHERE id IN (${await issueOf(from)}, ${await issueOf(to)}) ORDER BY id`
    expect(users).toEqual([
      { users: 1, level: LEVELS.indexOf('fatal') },
      { users: 2, level: LEVELS.indexOf('error') },
    ])
  })

  test('change no status: what an issue is muted for is a number of further events', async () => {
    const [from = 0, to = 0] = await makeKeys('a', 'b')
    const reports = await store(
      from,
      Array.from({ length: 9 }, () => ({ at: '13:00' })),
    )
    await store(to, [{}])
    await sql`UPDATE issue SET status = 'muted', muted_until_count = event_count + 5 WHERE project_id = ${project.id}`
    await sql`UPDATE issue SET status = 'resolved', resolved_at = ${`${TODAY}T12:30Z`} WHERE id = ${await issueOf(from)}`
    await move(reports.slice(0, 8), to)
    const issues =
      await sql`SELECT status, event_count::int, muted_until_count::int FROM issue WHERE project_id = ${project.id} ORDER BY number`
    expect(issues).toEqual([
      { status: 'resolved', event_count: 1, muted_until_count: 6 },
      { status: 'muted', event_count: 9, muted_until_count: 14 },
    ])
    expect(await sql`SELECT FROM activity WHERE project_id = ${project.id}`).toHaveLength(0)
  })

  test('take as many statements when they are five hundred as when they are two, of many groupings and users', async () => {
    const keys = Array.from({ length: 20 }, (_, n) => `key ${n}`)
    const groupings = await makeKeys(...keys)
    const [last = 0] = groupings.slice(-1)
    const sentOf = (n: number) => ({
      user: { id: `${n}` },
      tags: { n: `${n % 40}` },
      release: `${n % 3}`,
      at: `1${n % 10}:00`,
    })
    const stored: MovingReport[] = []
    for (const [at, id] of groupings.slice(0, -1).entries()) {
      stored.push(
        ...(await store(
          id,
          Array.from({ length: 160 }, (_, n) => sentOf(at * 20 + n)),
        )),
      )
    }
    const counter = await countStatements(database.url)
    const counted = connect(counter.url, { poolSize: 1, name: 'moving' })
    // The driver asks for the types of arrays once per connection.
    const statementsOf = async (reports: readonly MovingReport[]) => {
      const chunk = reports.map((one) => ({ ...one, to: last }))
      expect(await moveReports(counted.db, { projectId: project.id, version: 1, day: TODAY, reports: chunk })).toBe(
        chunk.length,
      )
      return counter.take('moving').filter((text) => !text.includes('pg_type')).length
    }
    const counts: number[] = []
    for (let at = 0; at < 3_000; at += 500) counts.push(await statementsOf(stored.slice(at, at + 500)))
    const [few = 0] = [await statementsOf(stored.slice(3_000, 3_002))]
    await counted.close()
    await counter.close()
    expect(new Set(counts)).toEqual(new Set([few]))
    expect(few).toBeLessThanOrEqual(16)
    expect(await recount(sql, project)).toEqual([])
  })
})

/** All that is counted of the project. */
async function everything() {
  return {
    groupings: [
      ...(await sql`SELECT id, event_count, level, first_seen::text, last_seen::text, first_release, last_release FROM grouping WHERE project_id = ${project.id} ORDER BY id`),
    ],
    issues: [...(await sql`SELECT * FROM issue WHERE project_id = ${project.id} ORDER BY id`)],
    hours: [...(await sql`SELECT * FROM issue_hour WHERE project_id = ${project.id} ORDER BY 1, 2, 3`)],
    tags: [...(await sql`SELECT * FROM issue_tag WHERE project_id = ${project.id} ORDER BY 1, 2, 3, 4`)],
    users: [...(await sql`SELECT * FROM issue_user WHERE project_id = ${project.id} ORDER BY 1, 2, 3`)],
  }
}
