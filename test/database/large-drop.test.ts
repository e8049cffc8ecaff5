import { type Connection, connect, type Db } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, type Day } from '@rumen/db/partition/day'
import { confirmLargeDrop, holdLargeDrop, readLargeDrop } from '@rumen/db/retention/large-drop'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { dropDay } from '../support/drop-day.ts'

const TODAY = '2026-03-31'
const NOW = new Date(`${TODAY}T12:00:00Z`)
const HOUR_MS = 60 * 60 * 1000

let database: DatabaseClone
let connection: Connection
let db: Db

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 1, name: 'test' })
  db = connection.db
  for (let before = 0; before < 20; before++) await createDay(connection.sql, addDays(TODAY, -before))
})

afterEach(() => connection.sql`TRUNCATE large_drop, outcome_hour`)

afterAll(async () => {
  await connection.close()
  await database.drop()
})

/** Everything is kept as long, but for what is said. */
function keeping(days: number, { ledgerDays = 30, archiveDays = days, sessionDays = days } = {}) {
  return { reportDays: days, archiveDays, sessionDays, ledgerDays, dedupeDays: days }
}

function after(hours: number): Date {
  return new Date(NOW.getTime() + hours * HOUR_MS)
}

async function fillLedger(first: Day, last: Day): Promise<void> {
  await connection.sql`
    INSERT INTO outcome_hour (project_id, hour, item_type, outcome, reason, quantity)
    SELECT 1, hour, 'event', 'stored', '', 1
    FROM generate_series(${`${first}T00:00:00Z`}::timestamptz, ${`${last}T23:00:00Z`}, interval '1 hour') AS hour`
}

const hold = (retention: ReturnType<typeof keeping>, hours = 0) => holdLargeDrop(db, { retention, now: after(hours) })

test('three days at once are dropped, more wait for a day', async () => {
  expect(await hold(keeping(20))).toBeNull()
  expect(await hold(keeping(17))).toBeNull()
  expect(await hold(keeping(16))).toEqual({ days: 4, newestDay: addDays(TODAY, -16), dueAt: after(24) })
  expect(await hold(keeping(16), 11)).toMatchObject({ days: 4, dueAt: after(24) })
  expect(await readLargeDrop(db, after(11))).toMatchObject({ days: 4, newestDay: addDays(TODAY, -16) })
  // Midnight has passed, and with it one more day.
  expect(await hold(keeping(16), 23.9)).toMatchObject({ days: 5, dueAt: after(24) })
  expect(await hold(keeping(16), 24)).toBeNull()
  expect(await readLargeDrop(db, after(24))).toBeNull()
})

test('put right, it never happened', async () => {
  await hold(keeping(5))
  expect(await hold(keeping(20), 1)).toBeNull()
  expect(await readLargeDrop(db, after(1))).toBeNull()
  expect(await hold(keeping(5), 23)).toMatchObject({ dueAt: after(47) })
})

test('who agreed to some days has not agreed to more', async () => {
  await hold(keeping(16))
  expect(await hold(keeping(15), 24)).toBeNull()
  expect(await hold(keeping(5), 25)).toMatchObject({ days: 16, dueAt: after(49) })
})

test('each kind of thing has its own days: one day of each is no more than one', async () => {
  const kept = { archiveDays: 12, sessionDays: 10, ledgerDays: 55 }
  for (let before = 18; before < 20; before++)
    await dropDay(database.url, { table: 'report', day: addDays(TODAY, -before) })
  for (let before = 12; before < 20; before++) {
    if (before > 14) await dropDay(database.url, { table: 'archive', day: addDays(TODAY, -before) })
    if (before > 12) await dropDay(database.url, { table: 'session', day: addDays(TODAY, -before) })
  }
  await fillLedger('2026-02-03', '2026-02-05')
  // Three days of archives, three of sessions, and others of the ledger: none that goes is more than that table may lose.
  expect(await hold({ ...keeping(20), ...kept })).toBeNull()
  for (let before = 0; before < 20; before++) await createDay(connection.sql, addDays(TODAY, -before))
})

test('who agreed to days of one kind has not agreed to those of another', async () => {
  expect(await hold(keeping(20, { archiveDays: 7 }))).toMatchObject({ days: 13, dueAt: after(24) })
  expect(await hold(keeping(14, { archiveDays: 7 }), 23)).toMatchObject({ dueAt: after(47) })
})

test('a clock that leaps makes many days wait, too', async () => {
  expect(await hold(keeping(20))).toBeNull()
  expect(await hold(keeping(20), 10 * 24)).toMatchObject({ days: 10 })
  expect(await hold(keeping(20), 1)).toBeNull()
})

test('the ledger by the hour counts as days', async () => {
  await fillLedger('2026-02-01', '2026-02-04')
  expect(await hold(keeping(20, { ledgerDays: 56 }))).toBeNull()
  expect(await hold(keeping(20))).toMatchObject({ days: 4, newestDay: '2026-02-04' })
})

test('somebody says at once that it is meant', async () => {
  expect(await confirmLargeDrop(db, NOW)).toBeNull()
  await hold(keeping(5))
  expect(await confirmLargeDrop(db, after(1))).toMatchObject({ days: 15 })
  expect(await hold(keeping(5), 1)).toBeNull()
})
