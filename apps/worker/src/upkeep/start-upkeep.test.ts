import { type Connection, connect } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { listDays } from '@rumen/db/partition/list-days'
import { createProject } from '@rumen/db/project/create-project'
import { setRetention } from '@rumen/db/project/set-retention'
import { confirmLargeDrop } from '@rumen/db/retention/large-drop'
import { EXCESS_QUEUE } from '@rumen/queue/digest-queue'
import { UPKEEP_QUEUE } from '@rumen/queue/upkeep-queue'
import { createLogger } from '@rumen/telemetry/logger'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { type OwnDatabase, ownDatabase } from '../../fixtures/own-database.ts'
import { startUpkeep } from './start-upkeep.ts'

const NOW = new Date()
const TODAY = dayOf(NOW)
const LONG_AGO = '2020-01-01'
const RETENTION = { reportDays: 5, archiveDays: 5, sessionDays: 7, ledgerDays: 5, dedupeDays: 5 }

let database: OwnDatabase
let connection: Connection
let projectId: string

beforeAll(async () => {
  database = await ownDatabase()
  connection = connect(database.url, { poolSize: 6, name: 'test' })
  const project = await createProject(connection.db, { name: 'Shop' })
  projectId = project.id
  await setRetention(connection.db, project.id, 2)
})

beforeEach(async () => {
  const { sql } = connection
  await sql`TRUNCATE outcome, outcome_hour, issue, grouping, issue_user, activity, dim_user, seen, disk_day, archive, large_drop, report_day_counted`
  for (const before of [2, 6]) await createDay(sql, day(-before))
  await sql`DROP TABLE ${sql(`archive_${day(14).replaceAll('-', '')}`)}`
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

function day(after: number): Day {
  return addDays(TODAY, after)
}

/** Something to do for each task, of projects that keep it as long as all others but for the archive. */
async function leaveWork(): Promise<void> {
  const { sql } = connection
  await sql`
    INSERT INTO outcome (project_id, day, recorded_at, item_type, outcome, quantity)
    VALUES (77, ${TODAY}, now() - interval '2 hours', 'event', 'stored', 5)`
  await sql`
    INSERT INTO issue (project_id, number, title, culprit, level, first_seen, last_seen, status, muted_until)
    VALUES (77, 1, 'Error', '', 3, now(), now(), 'muted', now() - interval '1 minute')`
  await sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts)
    SELECT project_id, '\\x00', id, 'v1', '', '[]' FROM issue`
  await sql`INSERT INTO issue_user SELECT project_id, id, 1, ${LONG_AGO} FROM grouping`
  await sql`INSERT INTO dim_user (project_id, key, last_day, identifier) VALUES (77, gen_random_uuid(), ${LONG_AGO}, 'u')`
  await sql`INSERT INTO seen VALUES (77, gen_random_uuid(), ${LONG_AGO})`
  await sql`
    INSERT INTO archive (project_id, day, hash, received_at, endpoint, encoding, wire_bytes, body)
    VALUES (${projectId}, ${day(-2)}, '\\x00', now(), 'envelope', 'gzip', 1, '')`
  await sql`INSERT INTO project (slug, name, status, deleting_since) VALUES ('doomed', 'Doomed', 'deleting', now())`
  await sql`INSERT INTO project_counter (project_id) SELECT id FROM project WHERE slug = 'doomed'`
  await sql`INSERT INTO grouping_config (project_id, version) SELECT id, 1 FROM project WHERE slug = 'doomed'`
}

/** What of it is still to do. */
async function workLeft() {
  const [row] = await connection.sql`
    SELECT (SELECT count(*) FROM outcome)::int AS outcomes, (SELECT count(*) FROM issue WHERE status = 'muted')::int AS muted,
      (SELECT count(*) FROM project WHERE status = 'deleting')::int AS projects,
      (SELECT count(*) FROM archive)::int AS archives, (SELECT count(*) FROM issue_user)::int AS users,
      (SELECT count(*) FROM dim_user)::int AS values, (SELECT count(*) FROM seen)::int AS seen,
      (SELECT 1 - count(*) FROM disk_day)::int AS disk,
      NOT EXISTS (SELECT FROM report_day_counted) AS uncounted`
  const days = await listDays(connection.db)
  const has = (which: Day) => days.some((one) => one.table === 'archive' && one.day === which)
  return { ...row, overdue: has(day(-6)), missing: !has(day(14)) }
}

const OFTEN = { outcomes: 1, muted: 1, projects: 1 }
const HOURLY = { archives: 1, disk: 1, uncounted: true, overdue: true, missing: true }
const DAILY = { users: 1, values: 1, seen: 1 }
const NO_OFTEN = { outcomes: 0, muted: 0, projects: 0 }
const NO_HOURLY = { archives: 0, disk: 0, uncounted: false, overdue: false, missing: false }
const NO_DAILY = { users: 0, values: 0, seen: 0 }

async function start({ now }: { now?: () => Date } = {}) {
  const warnings: string[] = []
  const logger = createLogger({ role: 'test', level: 'silent' })
  vi.spyOn(logger, 'warn').mockImplementation((_: unknown, what?: string) => {
    if (what) warnings.push(what)
  })
  const upkeep = await startUpkeep({
    ...{ url: database.url, directUrl: database.url, logger },
    ...{ retention: RETENTION, diskBytes: null, intervalSeconds: 0.5 },
    ...(now && { now }),
  })
  onTestFinished(() => upkeep.stop())
  return { ...upkeep, warnings }
}

/** As its schedule does. */
async function ask(rhythm: string): Promise<void> {
  await connection.sql`
    INSERT INTO pgboss.job (name, data, policy, singleton_key)
    VALUES (${UPKEEP_QUEUE}, ${JSON.stringify({ rhythm })}::jsonb, 'exclusive', ${rhythm})`
}

/** Waits until that is left, and no job is: one that is stopped at its very end is done again. */
async function eventually(left: Readonly<Record<string, unknown>>): Promise<void> {
  const isIdle = async () => {
    const [job] = await connection.sql`SELECT FROM pgboss.job WHERE name = ${UPKEEP_QUEUE} AND state < 'completed'`
    return job === undefined
  }
  await vi.waitFor(
    async () => {
      expect(await workLeft()).toMatchObject(left)
      expect(await isIdle()).toBe(true)
    },
    { timeout: 50_000, interval: 50 },
  )
}

test('what may be overdue is done at start, the rest when its day begins', { timeout: 60_000 }, async () => {
  await leaveWork()
  expect(await workLeft()).toEqual({ ...OFTEN, ...HOURLY, ...DAILY })
  const { warnings } = await start()
  await eventually({ ...NO_OFTEN, ...NO_HOURLY, ...DAILY })
  await ask('daily')
  await eventually({ ...NO_OFTEN, ...NO_HOURLY, ...NO_DAILY })
  expect(warnings).toEqual([])
})

test('a task that fails is a warning, and keeps no other from its turn', { timeout: 60_000 }, async () => {
  await leaveWork()
  await connection.sql`ALTER TABLE outcome_hour RENAME COLUMN quantity TO quantity_away`
  onTestFinished(async () => {
    await connection.sql`ALTER TABLE outcome_hour RENAME COLUMN quantity_away TO quantity`
  })
  const { warnings, stop } = await start()
  await eventually({ ...NO_OFTEN, outcomes: 1, ...NO_HOURLY, ...DAILY })
  await stop()
  expect(warnings).toEqual(['the ledger was not compacted'])
})

test('days that are due in great number wait, and go once somebody says so', { timeout: 60_000 }, async () => {
  await leaveWork()
  for (const before of [7, 8, 9]) await createDay(connection.sql, day(-before))
  const { warnings } = await start()
  await eventually({ ...NO_OFTEN, disk: 0, missing: false, overdue: true, archives: 1 })
  await ask('daily')
  await eventually({ users: 0, values: 0, seen: 1 })
  expect(new Set(warnings)).toEqual(new Set(['many days at once are due to be dropped: they wait']))
  await confirmLargeDrop(connection.db, new Date())
  await ask('hourly')
  await eventually({ ...NO_HOURLY, seen: 1 })
  await ask('daily')
  await eventually({ ...NO_HOURLY, ...NO_DAILY })
})

test('what waits to be digested is kept, however old', { timeout: 60_000 }, async () => {
  await leaveWork()
  const archive = { project_id: projectId, day: day(-6), hash: '0'.repeat(64) }
  await connection.sql`INSERT INTO pgboss.job (name, data) VALUES (${EXCESS_QUEUE}, ${JSON.stringify(archive)}::text::jsonb)`
  await start()
  await eventually({ ...NO_OFTEN, ...NO_HOURLY, archives: 1, overdue: true })
  await connection.sql`DELETE FROM pgboss.job WHERE name = ${EXCESS_QUEUE}`
  await ask('hourly')
  await eventually(NO_HOURLY)
})

test('what is over is told by the clock it is given', { timeout: 60_000 }, async () => {
  await leaveWork()
  await start({ now: () => new Date(NOW.getTime() - 3 * 24 * 60 * 60 * 1000) })
  await eventually({ disk: 0, archives: 1, overdue: true })
})
