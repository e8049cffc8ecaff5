import { type Connection, connect, type Db } from '@rumen/db/connect'
import { deleteIssue } from '@rumen/db/issue/delete-issue'
import { findIssue } from '@rumen/db/issue/find-issue'
import { mergeIssues } from '@rumen/db/issue/merge-issues'
import { findKeepers } from '@rumen/db/keeper/find-keepers'
import { keepEvents } from '@rumen/db/keeper/keep-events'
import { KEEPERS_MAX, thinOut } from '@rumen/db/keeper/thin-out'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, type Day } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { EventId } from '@rumen/protocol/brand'
import type { Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeGroupings, novelEventId } from '../support/store-reports.ts'
import { waitFor } from '../support/wait-for.ts'

const DAY = '2026-01-10'

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let project: NewProject

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 4, name: 'test' })
  ;({ db, sql } = connection)
  for (let after = 0; after < 3; after++) await createDay(sql, addDays(DAY, after))
  project = await createProject(db, { name: 'Shop' })
})

afterEach(() => sql`TRUNCATE keeper, report, archive, issue, grouping, activity`)

afterAll(async () => {
  await connection.close()
  await database.drop()
})

interface Event {
  grouping: number
  day?: Day
  /** Of the day, `HH:MM`. */
  at?: string
  /** Null: erased. */
  body?: Buffer | null
}

/** Reports with the archives they were made of; their ids. */
async function store(events: readonly Event[]): Promise<EventId[]> {
  const rows = events.map(({ grouping, day = DAY, at = '12:00', body = Buffer.from('body') }) => ({
    ...{ id: novelEventId(), grouping, day, received: `${day}T${at}:00Z`, body },
  }))
  for (const { id, grouping, day, received, body } of rows) {
    await sql`
      INSERT INTO archive (project_id, day, hash, event_id, received_at, endpoint, encoding, client_ip, wire_bytes, body)
      VALUES (${project.id}, ${day}, decode(${id}, 'hex'), ${id}, ${received}, 'envelope', 'gzip', '10.0.0.1', 7, ${body})`
    await sql`
      INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level)
      VALUES (${project.id}, ${id}, ${day}, decode(${id}, 'hex'), 3, ${grouping}, ${received}, ${received}, 3)`
  }
  return rows.map(({ id }) => id)
}

async function keepersOf(grouping: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    SELECT replace(event_id::text, '-', '') AS id FROM keeper WHERE grouping_id = ${grouping} ORDER BY received_at, event_id`
  return rows.map(({ id }) => id)
}

function place() {
  return { db, projectId: project.id }
}

async function groupingsOf(...keys: string[]): Promise<number[]> {
  return await makeGroupings(place(), keys)
}

/** Their issues, which are nobody's before they have counted an event. */
async function countEvents(): Promise<void> {
  await sql`UPDATE issue SET event_count = 1`
  await sql`UPDATE grouping SET event_count = 1, last_seen = now(), level = 3`
}

async function keep(day = DAY): Promise<void> {
  expect(await keepEvents(db, { day, projectId: null })).toBe(true)
}

describe('before a day goes', () => {
  test('the first and the last event of each grouping are copied, with what was received', async () => {
    const [one = 0, two = 0] = await groupingsOf('one', 'two')
    const ids = await store([
      { grouping: one, at: '12:00' },
      { grouping: one, at: '09:00' },
      { grouping: one, at: '15:00' },
      { grouping: two, at: '10:00' },
      { grouping: two, at: '11:00', day: addDays(DAY, 1) },
    ])
    await keep()
    expect(await keepersOf(one)).toEqual([ids[1], ids[2]])
    expect(await keepersOf(two)).toEqual([ids[3]])
    const [row] = await sql`SELECT * FROM keeper WHERE grouping_id = ${two}`
    expect(row).toMatchObject({
      ...{ item_index: 3, endpoint: 'envelope', encoding: 'gzip', client_ip: '10.0.0.1', wire_bytes: 7 },
      ...{ body: Buffer.from('body'), received_at: `${DAY} 10:00:00+00` },
    })
    expect(row?.archive_event_id).toBe(row?.event_id)
  })

  test('events whose archive was erased, or is gone, are passed over for those next to them', async () => {
    const [one = 0, two = 0] = await groupingsOf('one', 'two')
    const ids = await store([
      { grouping: one, at: '09:00', body: null },
      { grouping: one, at: '10:00' },
      { grouping: one, at: '11:00' },
      { grouping: one, at: '12:00' },
      { grouping: one, at: '13:00' },
      { grouping: two, body: null },
    ])
    await sql`DELETE FROM archive WHERE event_id = ${ids[4] ?? ''}`
    await keep()
    expect(await keepersOf(one)).toEqual([ids[1], ids[3]])
    expect(await keepersOf(two)).toEqual([])
  })

  test('it is as if it was done once, however often it is done', async () => {
    const [one = 0] = await groupingsOf('one')
    const content = async () => await sql`SELECT * FROM keeper ORDER BY event_id`
    const days = Array.from({ length: 3 }, (_, after) => addDays(DAY, after))
    for (const day of days) {
      await store(Array.from({ length: 5 }, (_, hour) => ({ grouping: one, day, at: `1${hour}:00` })))
    }
    // As much is kept already as may be, in the days between.
    await sql`
      INSERT INTO keeper (project_id, grouping_id, event_id, day, archive_hash, item_index, occurred_at, received_at, endpoint, encoding, wire_bytes, body)
      SELECT ${project.id}, ${one}, gen_random_uuid(), ${DAY}::date - n, '', 0, now(), ${DAY}::date - make_interval(days => n), 'envelope', 'gzip', 0, ''
      FROM generate_series(1, ${KEEPERS_MAX}) AS n`
    for (const day of days) await keep(day)
    const kept = await content()
    expect(kept.length).toBeGreaterThan(5)
    for (const day of days) await keep(day)
    expect(await content()).toEqual(kept)
  })

  test('groupings are many, and all of them are met, or none when it is to stop', async () => {
    const groupings = 450
    await sql`
      INSERT INTO archive (project_id, day, hash, received_at, endpoint, encoding, wire_bytes, body)
      VALUES (${project.id}, ${DAY}, '\\x01', now(), 'envelope', 'gzip', 1, 'x')`
    await sql`
      INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level)
      SELECT ${project.id}, gen_random_uuid(), ${DAY}, '\\x01', 0, n, now(), now(), 3
      FROM generate_series(1, ${groupings}) AS n`
    await keep()
    const [row] = await sql`SELECT count(DISTINCT grouping_id)::int AS n FROM keeper`
    expect(row?.n).toBe(groupings)
    await sql`TRUNCATE keeper`
    const stopped = new AbortController()
    stopped.abort()
    expect(await keepEvents(db, { day: DAY, projectId: null }, stopped.signal)).toBe(false)
  })
})

describe('what is kept of a grouping', () => {
  async function add(day: number, { bytes = 1 } = {}): Promise<void> {
    await sql`
      INSERT INTO keeper (
        project_id, grouping_id, event_id, day, archive_hash, item_index, occurred_at, received_at, endpoint, encoding,
        wire_bytes, body
      )
      VALUES (${project.id}, 1, gen_random_uuid(), ${addDays(DAY, day)}, '', 0, now(), ${`${addDays(DAY, day)}T12:00:00Z`},
        'envelope', 'gzip', 0, ${Buffer.alloc(bytes)})`
    await thinOut(db, [{ project_id: project.id, grouping_id: '1' }])
  }

  async function daysKept(): Promise<number[]> {
    const rows = await sql<{ day: number }[]>`SELECT day - ${DAY}::date AS day FROM keeper ORDER BY received_at`
    return rows.map(({ day }) => day)
  }

  test('is the first, the last and a spread over the time between, never more than ten, however many years it goes on', async () => {
    for (let day = 0; day < 900; day += 3) {
      await add(day)
      const kept = await daysKept()
      expect(kept.length).toBeLessThanOrEqual(KEEPERS_MAX)
      expect([kept[0], kept.at(-1)]).toEqual([0, day])
      if (day > 60) {
        const gaps = kept.slice(1).map((later, at) => later - (kept[at] ?? 0))
        expect(Math.max(...gaps), `${kept}`).toBeLessThanOrEqual(day * 0.3)
        expect(kept.length).toBeGreaterThanOrEqual(6)
      }
    }
  }, 120_000)

  test('is everything while that is little', async () => {
    for (let day = 0; day < KEEPERS_MAX; day++) await add(day)
    expect(await daysKept()).toHaveLength(KEEPERS_MAX)
  })

  test('is not what is large, but for the first and the last', async () => {
    const bytes = 1024 * 1024 + 1
    for (const [day, size] of [
      [0, bytes],
      [1, bytes - 1],
      [2, bytes],
      [3, bytes],
    ] as const)
      await add(day, { bytes: size })
    expect(await daysKept()).toEqual([0, 1, 3])
  })
})

describe('keepers', () => {
  test('go where their grouping goes, and with their issue', async () => {
    const [one = 0, two = 0] = await groupingsOf('one', 'two')
    const [event] = await store([{ grouping: one }, { grouping: two }])
    await countEvents()
    await keep()
    const addressOf = async (number: number) => {
      const address = await findIssue(db, { slug: project.slug, number })
      if (address === null) throw new Error(`there is no issue ${number}`)
      return address
    }
    const [first] = await sql<{ number: string }[]>`SELECT min(number) AS number FROM issue`
    const number = Number(first?.number)
    const { issueId } = await addressOf(number)
    const { issueId: into } = await addressOf(number + 1)
    const { outcome } = await mergeIssues(db, { projectId: project.id, issueIds: [issueId], into, now: new Date() })
    expect(outcome).toBe('merged')
    await sql`TRUNCATE report`
    const [shown] = await findKeepers(db, event ?? never())
    expect(shown).toMatchObject({ issue: `shop-${number + 1}`, archive: { day: DAY, body: Buffer.from('body') } })
    expect(await deleteIssue(db, await addressOf(number + 1))).toBe('deleted')
    expect(await sql`SELECT FROM keeper`).toHaveLength(0)
  })

  test('are not made of an event that is being deleted just then', async () => {
    const [one = 0] = await groupingsOf('one')
    await store([{ grouping: one }])
    const keeping = await sql.begin(async (tx) => {
      await tx`DELETE FROM report`
      const begun = keepEvents(db, { day: DAY, projectId: null })
      await waitFor('the keeping to wait', async () => {
        const [waiting] =
          await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
        return waiting !== undefined
      })
      return { begun }
    })
    await keeping.begun
    expect(await keepersOf(one)).toEqual([])
  })
})

function never(): never {
  throw new Error('this test is wrong')
}
