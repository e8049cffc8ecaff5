import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, connect } from '@rumen/db/connect'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { createLogger } from '@rumen/telemetry/logger'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startHeartbeat, type ToldState } from './start-heartbeat.ts'
import { type SystemWatch, watchSystem } from './watch-system.ts'

const RETENTION = { reportDays: 90, archiveDays: 90, sessionDays: 90, ledgerDays: 90, dedupeDays: 30 }
const STATE: ToldState = {
  ...{ busyMs: null, lookedMs: null, accepted: 0, digested: 7 },
  ...{ visibleMedianMs: null, visibleSlowMs: null, spool: null },
}
const logger = createLogger({ role: 'test', level: 'silent' })

let database: DatabaseClone
let connection: Connection
let watch: SystemWatch

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 3, name: 'test' })
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  // It began at 0, which a real clock never shows.
  vi.advanceTimersByTime(1_000)
  watch = watchSystem({ connection, canaryIntervalSeconds: 0, retention: RETENTION, logger })
})

afterEach(async () => {
  watch.stop()
  vi.useRealTimers()
  await connection.sql`DELETE FROM process`
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

async function until(holds: () => boolean): Promise<void> {
  for (let n = 0; n < 1_000 && !holds(); n++) await delay(10)
  expect(holds()).toBe(true)
}

/** The first look has ended: a second one waits for it. */
const looked = () => until(() => watch.observation().disk !== null)

/** Lets so many seconds go by, and waits for what the looks of that time see. */
async function pass(seconds: number, holds: () => boolean): Promise<void> {
  await delay(0)
  vi.advanceTimersByTime(seconds * 1_000)
  await until(holds)
}

/** One that has said so. */
async function startWorker() {
  const heartbeat = startHeartbeat({ db: connection.db, role: 'worker', version: '1.2.3', state: () => STATE, logger })
  for (let n = 0; n < 1_000 && (await connection.sql`SELECT FROM process`).length === 0; n++) await delay(10)
  return heartbeat
}

const statuses = () => new Set(Object.values(watch.checks()).map(({ status }) => status))

test('before the first look nothing is known, and nothing is well', () => {
  expect([...statuses()]).toEqual(['unknown'])
  expect(watch.isDatabaseReachable()).toBe(false)
})

test('a process is seen while it lives, and not missed when it left', async () => {
  await looked()
  const heartbeat = await startWorker()
  await pass(5, () => watch.observation().recent?.processes.length === 1)
  expect(watch.checks().workers).toMatchObject({ status: 'ok', figures: { alive: 1 } })
  expect(watch.isDatabaseReachable()).toBe(true)
  await heartbeat.stop()
  await pass(5, () => watch.observation().recent?.processes.length === 0)
  expect(watch.checks().workers.figures).toMatchObject({ alive: 0, dead: [] })
})

test('what cannot be looked at again is unknown twenty seconds later, and the database is said to be away at once', async () => {
  await looked()
  const heartbeat = await startWorker()
  await pass(5, () => watch.checks().workers.status === 'ok')
  await connection.sql`ALTER TABLE process RENAME TO process_away`
  await pass(5, () => !watch.isDatabaseReachable())
  expect(watch.checks().workers.status, 'what was seen a moment ago is still true').toBe('ok')
  vi.advanceTimersByTime(20_000)
  expect(watch.observation().recent).toBeNull()
  expect(watch.checks().workers.status).toBe('unknown')
  await connection.sql`ALTER TABLE process_away RENAME TO process`
  await connection.sql`UPDATE process SET beat_at = now() - interval '40 seconds'`
  watch.stop()
  await heartbeat.stop()
})

test('after an outage nobody is dead before he had the time to say otherwise', async () => {
  await looked()
  await connection.sql`ALTER TABLE process RENAME TO process_away`
  await pass(5, () => !watch.isDatabaseReachable())
  vi.advanceTimersByTime(20_000)
  await connection.sql`
    INSERT INTO process_away (id, role, host, pid, version, started_at, beat_at)
    VALUES (gen_random_uuid(), 'worker', 'a', 1, '1', now(), now() - interval '40 seconds')`
  await connection.sql`ALTER TABLE process_away RENAME TO process`
  await pass(5, () => watch.isDatabaseReachable())
  expect(watch.checks().workers.status).toBe('unknown')
  vi.advanceTimersByTime(15_000)
  await pass(0, () => watch.checks().workers.status === 'failing')
  expect(watch.checks().workers.message).toMatch(/worker a:1 was last heard of/)
})

test('a process whose database is away ends all the same', async () => {
  const gone = connect('postgres://127.0.0.1:1/gone', { poolSize: 1, name: 'test' })
  const heartbeat = startHeartbeat({ db: gone.db, role: 'worker', version: '1', state: () => STATE, logger })
  await heartbeat.stop()
  await gone.close()
})
