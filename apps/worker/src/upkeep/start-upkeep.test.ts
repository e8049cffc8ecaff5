import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, connect } from '@rumen/db/connect'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { whileAlone } from '@rumen/db/upkeep/while-alone'
import { createLogger } from '@rumen/telemetry/logger'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { type OwnDatabase, ownDatabase } from '../../fixtures/own-database.ts'
import { startUpkeep } from './start-upkeep.ts'

const NOW = new Date()
const LONG_AGO = '2020-01-01'

let database: OwnDatabase
let connection: Connection

beforeAll(async () => {
  database = await ownDatabase()
  connection = connect(database.url, { poolSize: 6, name: 'test' })
})

afterEach(async () => {
  await connection.sql`TRUNCATE outcome, outcome_hour, issue, grouping, issue_user, activity, dim_user`
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

/** Something to do for each task. */
async function leaveWork(): Promise<void> {
  const { sql } = connection
  await sql`
    INSERT INTO outcome (project_id, day, recorded_at, item_type, outcome, quantity)
    VALUES (1, ${dayOf(NOW)}, now() - interval '2 hours', 'event', 'stored', 5)`
  await sql`
    INSERT INTO issue (project_id, number, title, culprit, level, first_seen, last_seen, status, muted_until)
    VALUES (1, 1, 'Error', '', 3, now(), now(), 'muted', now() - interval '1 minute')`
  await sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts)
    SELECT project_id, '\\x00', id, 'v1', '', '[]' FROM issue`
  await leaveExpired()
}

async function leaveExpired(): Promise<void> {
  const { sql } = connection
  await sql`INSERT INTO issue_user SELECT project_id, id, 1, ${LONG_AGO} FROM grouping`
  await sql`INSERT INTO dim_user (project_id, key, last_day, identifier) VALUES (1, gen_random_uuid(), ${LONG_AGO}, 'u')`
}

/** What of it is still to do. */
async function workLeft() {
  const [row] = await connection.sql`
    SELECT (SELECT count(*) FROM outcome)::int AS outcomes, (SELECT count(*) FROM issue WHERE status = 'muted')::int AS muted,
      (SELECT count(*) FROM issue_user)::int AS users, (SELECT count(*) FROM dim_user)::int AS values`
  return row
}

const ALL = { outcomes: 1, muted: 1, users: 1, values: 1 }
const NONE = { outcomes: 0, muted: 0, users: 0, values: 0 }

function start({ now = () => NOW } = {}) {
  const warnings: string[] = []
  const logger = createLogger({ role: 'test', level: 'silent' })
  vi.spyOn(logger, 'warn').mockImplementation((_: unknown, what?: string) => {
    if (what) warnings.push(what)
  })
  const upkeep = startUpkeep({ db: connection.db, directUrl: database.url, logger, now })
  onTestFinished(upkeep.stop)
  return { ...upkeep, warnings }
}

async function eventually(left: typeof ALL): Promise<void> {
  await vi.waitFor(async () => expect(await workLeft()).toEqual(left), { timeout: 10_000 })
}

test('all there is to do is done at start', async () => {
  await leaveWork()
  const { warnings } = start()
  await eventually(NONE)
  expect(warnings).toEqual([])
})

test('a task that fails is a warning, and keeps no other from its turn', async () => {
  await leaveWork()
  await connection.sql`ALTER TABLE outcome_hour RENAME TO outcome_hour_away`
  const { warnings, stop } = start()
  await eventually({ ...NONE, outcomes: 1 })
  await stop()
  await connection.sql`ALTER TABLE outcome_hour_away RENAME TO outcome_hour`
  expect(warnings).toEqual(['the ledger was not compacted'])
})

test('nothing is done while another worker does it', async () => {
  await leaveWork()
  const end = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const other = whileAlone(database.url, 'rumen worker upkeep', async () => {
    begun.resolve()
    await end.promise
  })
  await begun.promise
  const { stop, warnings } = start()
  await delay(200)
  await stop()
  end.resolve()
  await other
  expect(await workLeft()).toEqual(ALL)
  expect(warnings).toEqual([])
})

test('what expires is looked for once a UTC day, the rest every five minutes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  let now = NOW
  await leaveWork()
  start({ now: () => now })
  await eventually(NONE)
  /** Goes on until mutes end in two more rounds: all that the first of them does is done then. */
  const pass = async () => {
    for (let rounds = 0; rounds < 2; rounds++) {
      await connection.sql`UPDATE issue SET status = 'muted', muted_until = now() - interval '1 minute'`
      // A timer passes over a round that has not ended.
      while ((await workLeft())?.muted > 0) {
        await vi.advanceTimersByTimeAsync(5 * 60 * 1000)
        await delay(10)
      }
    }
  }
  await leaveExpired()
  await pass()
  expect(await workLeft()).toEqual({ ...NONE, users: 1, values: 1 })
  now = new Date(`${addDays(dayOf(NOW), 1)}T00:00:00Z`)
  await pass()
  expect(await workLeft()).toEqual(NONE)
})
