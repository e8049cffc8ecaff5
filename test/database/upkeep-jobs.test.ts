import { type Connection, connect } from '@rumen/db/connect'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { startConsumer } from '@rumen/queue/start-consumer'
import { startUpkeepJobs, type UpkeepJobs } from '@rumen/queue/start-upkeep-jobs'
import { RHYTHMS, type Rhythm, UPKEEP_QUEUE } from '@rumen/queue/upkeep-queue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'

let database: DatabaseClone
let connection: Connection
/** Stopped last first, before their database goes. */
let running: { stop(): Promise<void> }[] = []

beforeEach(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 2, name: 'test' })
})

afterEach(async () => {
  for (const one of running.toReversed()) await one.stop()
  running = []
  await connection.close()
  await database.drop()
})

function failing(error: unknown): void {
  throw error
}

type Run = (rhythm: Rhythm, signal: AbortSignal) => Promise<void>

async function start(run: Run): Promise<UpkeepJobs> {
  const jobs = await startUpkeepJobs(database.url, { run, onError: failing, intervalSeconds: 0.5 })
  running.push(jobs)
  return jobs
}

async function ask(rhythm: Rhythm): Promise<void> {
  await connection.sql`
    INSERT INTO pgboss.job (name, data, policy, singleton_key, heartbeat_seconds, retry_limit)
    SELECT name, ${JSON.stringify({ rhythm })}::jsonb, policy, ${rhythm}, heartbeat_seconds, retry_limit
    FROM pgboss.queue WHERE name = ${UPKEEP_QUEUE}
    ON CONFLICT DO NOTHING`
}

async function jobs(): Promise<string[]> {
  const rows = await connection.sql<{ job: string }[]>`
    SELECT data->>'rhythm' || ' ' || state AS job FROM pgboss.job WHERE name = ${UPKEEP_QUEUE} AND state < 'completed' ORDER BY 1`
  return rows.map(({ job }) => job)
}

/** Until it is told to stop, or to end. */
function lasting() {
  const begun: { rhythm: Rhythm; signal: AbortSignal }[] = []
  const end = Promise.withResolvers<void>()
  const run: Run = async (rhythm, signal) => {
    begun.push({ rhythm, signal })
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    await Promise.race([end.promise, aborted])
  }
  return { begun, run, end: end.resolve }
}

test('at start all that may be overdue is done, and each rhythm has its time from then on', async () => {
  const done: Rhythm[] = []
  await start(async (rhythm) => void done.push(rhythm))
  await waitFor('what is due at start', () => done.length === 2)
  expect(done.toSorted()).toEqual(['hourly', 'often'])
  const schedules = await connection.sql`
    SELECT key, cron, timezone, options->>'missed' AS missed FROM pgboss.schedule WHERE name = ${UPKEEP_QUEUE} ORDER BY key`
  expect(schedules.map((row) => ({ ...row }))).toEqual(
    Object.entries(RHYTHMS)
      .map(([key, cron]) => ({ key, cron, timezone: 'UTC', missed: 'once' }))
      .toSorted((one, other) => one.key.localeCompare(other.key)),
  )
})

test('of many workers one at a time does what is due in a rhythm, another one what is due in another', async () => {
  const work = lasting()
  await Promise.all([1, 2, 3].map(() => start(work.run)))
  await waitFor('what is due at start', () => work.begun.length === 2)
  for (let times = 0; times < 5; times++) await ask('hourly')
  expect(await jobs()).toEqual(['hourly active', 'often active'])
  work.end()
  await waitFor('the end of it', async () => (await jobs()).length === 0)
  await ask('hourly')
  await waitFor('the next time', () => work.begun.length === 3)
  expect(work.begun.map(({ rhythm }) => rhythm).toSorted()).toEqual(['hourly', 'hourly', 'often'])
})

test('what a worker is doing when it is stopped another one does at once', async () => {
  const first = lasting()
  const stopped = await start(first.run)
  await waitFor('the first', () => first.begun.length === 2)
  const second = lasting()
  await start(second.run)
  expect(second.begun).toEqual([])
  await stopped.stop()
  running.splice(running.indexOf(stopped), 1)
  expect(first.begun.map(({ signal }) => String(signal.reason))).toEqual(Array(2).fill('Error: its worker was stopped'))
  await waitFor('the second', () => second.begun.length === 2)
  second.end()
  await waitFor('the end of it', async () => (await jobs()).length === 0)
})

test('what a worker was doing when it died goes to another when it is not heard of any more', async () => {
  const lost = lasting()
  await start(lost.run)
  await waitFor('the first', () => lost.begun.length === 2)
  const second = lasting()
  await start(second.run)
  running.push(await startConsumer(database.url, failing))
  // As if its heart had not beaten for a minute; that the process still runs is nothing anybody can know.
  await connection.sql`
    UPDATE pgboss.job SET heartbeat_on = now() - interval '1 minute' WHERE name = ${UPKEEP_QUEUE} AND data->>'rhythm' = 'hourly'`
  await waitFor('the second', () => lost.begun.length + second.begun.length === 3)
  const hourly = [...lost.begun, ...second.begun].filter(({ rhythm }) => rhythm === 'hourly')
  expect(hourly).toHaveLength(2)
  second.end()
  lost.end()
  await waitFor('the end of it', async () => (await jobs()).length === 0)
})
