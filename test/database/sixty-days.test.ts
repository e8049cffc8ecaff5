import { randomUUID } from 'node:crypto'
import { connect } from '@rumen/db/connect'
import { addDays, type Day } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { setRetention } from '@rumen/db/project/set-retention'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { frame, makeEvent } from '../support/post-event.ts'
import { recount } from '../support/recount.ts'
import { noise, type Received, type SimulatedDays, simulateDays } from '../support/simulated-days.ts'
import { runCommand } from '../support/start-command.ts'

const DAYS = 60
const RETENTION = 14
const SHORT = 5
const DEDUPE = 10
const EVENTS = 120
const BUGS = ['checkout', 'login', 'search', 'upload'] as const

let days: SimulatedDays
let shop: NewProject
let blog: NewProject
/** By the day they were received, the first ids first. */
const sent = new Map<string, { day: Day; eventId: string }[]>()
const sizes = new Map<number, number>()

beforeAll(async () => {
  days = await simulateDays(DAYS, {
    ...{ RETENTION_DAYS: `${RETENTION}`, DEDUPE_DAYS: `${DEDUPE}`, DATABASE_DISK_BYTES: `${100 * 1024 ** 3}` },
  })
  const { db, close } = connect(days.databaseUrl, { poolSize: 1, name: 'test' })
  shop = await createProject(db, { name: 'Shop' })
  blog = await createProject(db, { name: 'Blog' })
  await setRetention(db, blog.id, SHORT)
  await close()
  for (let day = 0; day < DAYS; day++) {
    if (day > 0) await days.nextDay()
    await days.receive([...eventsOf(shop, day, EVENTS), ...eventsOf(blog, day, EVENTS / 4), ...sessionsOf(shop, day)])
    await days.upkeep(['hourly', 'daily', 'often'])
    if (day % 5 === 4) sizes.set(day + 1, await measure())
  }
  // As at midnight: what goes row by row follows the day that went.
  await days.upkeep(['daily'])
  await days.upkeep(['hourly'])
}, 1_800_000)

afterAll(async () => {
  const output = await days?.stop()
  expect(output).not.toContain('"level":"warn"')
})

/** Of one bug or another: each user and message is of its day, the fourth bug happens every eighth day. */
function eventsOf(project: NewProject, day: number, count: number): Received[] {
  return Array.from({ length: count }, (_, n) => {
    const bug = n % 4 === 3 && day % 8 !== 0 ? BUGS[0] : (BUGS[n % 4] ?? BUGS[0])
    const at = `${String(Math.floor(n / 10)).padStart(2, '0')}:${String(10 + (n % 10)).padStart(2, '0')}`
    const event = makeEvent({
      timestamp: Date.parse(`${days.today()}T${at}:00Z`) / 1000,
      release: `shop@1.0.${day}`,
      environment: `stage-${day}`,
      server_name: `host-${day}-${n % 3}`,
      user: { id: `${day}-${n % 50}` },
      tags: { build: `${day}.${n % 20}`, region: `region ${n % 4}` },
      extra: { body: noise(1200) },
      exception: {
        values: [{ type: 'Error', value: `${bug} of ${day} ${n}`, stacktrace: { frames: [frame(`${bug}.js`, bug)] } }],
      },
    })
    remember(project, bug, event.event_id)
    return { projectId: project.id, eventId: event.event_id, at, envelope: envelopeOf('event', event) }
  })
}

function remember({ id }: NewProject, bug: string, eventId: string): void {
  const key = `${id} ${bug}`
  const ofBug = sent.get(key) ?? []
  if (ofBug.length === 0) sent.set(key, ofBug)
  ofBug.push({ day: days.today(), eventId })
}

function sessionsOf({ id }: NewProject, day: number): Received[] {
  return Array.from({ length: 20 }, (_, n) => {
    const session = {
      ...{ sid: randomUUID(), did: `user ${day} ${n}`, init: true, status: 'exited', errors: 0, seq: 1 },
      started: `${days.today()}T01:00:00Z`,
      timestamp: `${days.today()}T02:00:00Z`,
      attrs: { release: 'app@2.0.0', environment: 'production' },
    }
    return { projectId: id, eventId: null, at: '02:00', envelope: envelopeOf('session', session) }
  })
}

function envelopeOf(type: string, payload: object): string {
  const header = 'event_id' in payload ? { event_id: payload.event_id } : {}
  return [header, { type }, payload].map((line) => JSON.stringify(line)).join('\n')
}

/** Bytes of all our tables and of the queue's, after what autovacuum does within a minute. */
async function measure(): Promise<number> {
  await days.sql`VACUUM`
  const [row] = await days.sql<[{ bytes: number }]>`
    SELECT sum(pg_total_relation_size(oid))::float8 AS bytes
    FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('public', 'pgboss')`
  return row.bytes
}

test('the size stays flat once the first days are dropped', () => {
  const settled = [...sizes].filter(([day]) => day > RETENTION + 5).map(([, bytes]) => bytes)
  const [first = 0] = settled
  expect(Math.max(...settled) / first, JSON.stringify([...sizes])).toBeLessThan(1.05)
  expect(settled.at(-1) ?? 0).toBeGreaterThan(first * 0.8)
})

test('every event that was ever sent is counted, by issue and by hour', async () => {
  for (const { id } of [shop, blog]) {
    const counted = await days.sql<{ bug: string; events: number; hours: number }[]>`
      SELECT split_part(title, ' ', 2) AS bug, event_count::int AS events,
        (SELECT sum(h.event_count) FROM grouping AS g JOIN issue_hour AS h ON h.project_id = g.project_id AND h.grouping_id = g.id
          WHERE g.project_id = issue.project_id AND g.issue_id = issue.id)::int AS hours
      FROM issue WHERE project_id = ${id} ORDER BY 1`
    const ever = BUGS.map((bug) => ({
      bug,
      events: sent.get(`${id} ${bug}`)?.length,
      hours: sent.get(`${id} ${bug}`)?.length,
    }))
    expect(counted.map((row) => ({ ...row }))).toEqual(ever.toSorted((a, b) => a.bug.localeCompare(b.bug)))
  }
})

test.each([
  { name: 'Shop', kept: RETENTION },
  { name: 'Blog', kept: SHORT },
])('the counters of the days that exist are a recount of them: $name', async ({ name, kept }) => {
  const project = name === 'Shop' ? shop : blog
  const from = addDays(days.today(), 1 - kept)
  const differences = await recount(days.sql, project)
  // What counts all that ever was is larger than what is left, and what is over has nothing to be recounted from.
  const wrong = differences.filter(({ what, place, recounted }) => {
    if (what === 'events of grouping' || what === 'events of issue' || what === 'tag') return false
    if (what === 'hour') return place.slice(place.indexOf(' ') + 1) >= from
    return what === 'user' || what === 'users of issue' || recounted !== null
  })
  expect(wrong).toEqual([])
  const [users] = await days.sql<
    [{ n: number }]
  >`SELECT sum(user_count)::int AS n FROM issue WHERE project_id = ${project.id}`
  expect(users.n).toBeGreaterThan(0)
})

describe('of every issue', () => {
  test('the first event, the last and some in between are kept, and no more than ten', async () => {
    const last = addDays(days.today(), -RETENTION)
    for (const [key, events] of sent) {
      const [projectId = '', bug] = key.split(' ')
      const kept = await days.sql<{ event: string; day: Day }[]>`
        SELECT replace(event_id::text, '-', '') AS event, to_char(k.day, 'YYYY-MM-DD') AS day
        FROM keeper AS k
        JOIN grouping AS g ON g.project_id = k.project_id AND g.id = k.grouping_id
        JOIN issue ON issue.project_id = g.project_id AND issue.id = g.issue_id
        WHERE k.project_id = ${projectId} AND split_part(title, ' ', 2) = ${bug ?? ''}
        ORDER BY k.received_at, k.event_id`
      expect(kept.length).toBeGreaterThanOrEqual(6)
      expect(kept.length).toBeLessThanOrEqual(10)
      expect(kept[0]?.event).toBe(events[0]?.eventId)
      const lastKept = projectId === blog.id ? addDays(days.today(), -SHORT) : last
      expect(kept.at(-1)?.event).toBe(events.findLast(({ day }) => day <= lastKept)?.eventId)
      expect(new Set(kept.map(({ day }) => day)).size).toBeGreaterThanOrEqual(5)
    }
  })

  test('the first event is shown, although its day was dropped weeks ago', async () => {
    const { eventId = '' } = sent.get(`${shop.id} login`)?.[0] ?? {}
    const { code, output } = await runCommand(`event show ${eventId}`, days.databaseUrl)
    expect(output).toContain('login of 0 1')
    expect(output).toMatch(/^shop-\d+\t/)
    expect(code).toBe(0)
    const where = await runCommand(`where ${eventId}`, days.databaseUrl)
    expect(where.output).toContain('kept for good as one of the events of issue shop-')
  }, 120_000)
})

test('nothing with traffic holds anything older than its retention', async () => {
  const { sql } = days
  const today = days.today()
  const first = addDays(today, 1 - RETENTION)
  const partitions = await sql<{ oldest: string }[]>`
    SELECT inhparent::regclass::text || ' ' || min(right(inhrelid::regclass::text, 8)) AS oldest FROM pg_inherits
    WHERE inhparent::regclass::text IN ('archive', 'report', 'outcome', 'session', 'attachment') GROUP BY inhparent ORDER BY 1`
  const compact = first.replaceAll('-', '')
  expect(partitions.map(({ oldest }) => oldest)).toEqual(
    ['archive', 'attachment', 'outcome', 'report', 'session'].map((table) => `${table} ${compact}`),
  )
  const oldest = async (table: string, column: string, projectId?: string) => {
    const [row] = await sql<[{ day: Day | null }]>`
      SELECT to_char(min(${sql(column)}), 'YYYY-MM-DD') AS day FROM ${sql(table)}
      ${projectId === undefined ? sql`` : sql`WHERE project_id = ${projectId}`}`
    return row.day
  }
  for (const table of ['archive', 'report', 'session']) expect(await oldest(table, 'day', shop.id)).toBe(first)
  const short = addDays(today, 1 - SHORT)
  for (const table of ['archive', 'report']) expect(await oldest(table, 'day', blog.id)).toBe(short)
  expect(await oldest('seen', 'day')).toBe(addDays(today, 1 - DEDUPE))
  expect(await oldest('issue_user', 'last_day', shop.id)).toBe(first)
  expect(await oldest('issue_user', 'last_day', blog.id)).toBe(short)
  // A day more, for workers that remember a value since before midnight.
  for (const table of ['dim_user', 'dim_server_name', 'tag', 'dim_release', 'dim_environment']) {
    expect(await oldest(table, 'last_day', blog.id), table).toBe(addDays(short, -1))
    expect(await oldest(table, 'last_day', shop.id), table).toBe(addDays(first, -1))
  }
  expect(await oldest('outcome_hour', 'hour')).toBe(first)
  expect(await oldest('session_user_hour', 'hour')).toBe(first)
  // What is counted stays, and the names of what it counts with it.
  expect(await oldest('issue_hour', 'hour')).toBe(addDays(today, 1 - DAYS))
  expect(await oldest('session_hour', 'hour')).toBe(addDays(today, 1 - DAYS))
})

test('the disk was measured every day', async () => {
  const rows =
    await days.sql`SELECT FROM disk_day WHERE free_bytes > 0 AND partition_bytes BETWEEN 1 AND database_bytes`
  expect(rows).toHaveLength(DAYS)
})
