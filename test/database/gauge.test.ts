import { type Connection, connect, type Db } from '@rumen/db/connect'
import { measureQueue } from '@rumen/db/gauge/measure-queue'
import { readGauges } from '@rumen/db/gauge/read-gauges'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { parseProjectId } from '@rumen/protocol/project-id'
import {
  DEAD_QUEUE,
  DIGEST_QUEUE,
  DIGEST_QUEUE_OPTIONS,
  DIGEST_QUEUES,
  type DigestQueue,
  EXCESS_QUEUE,
} from '@rumen/queue/digest-queue'
import { startConsumer } from '@rumen/queue/start-consumer'
import { type NewJob, type Sender, startSender } from '@rumen/queue/start-sender'
import type { Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

const QUEUES = { digest: DIGEST_QUEUES, dead: DEAD_QUEUE }

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let sender: Sender

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 6, name: 'test' })
  ;({ db, sql } = connection)
  sender = await startSender(database.url, onError)
})

afterEach(async () => {
  await sql`TRUNCATE pgboss.job`
  await sql`DELETE FROM gauge`
})

afterAll(async () => {
  await sender.stop()
  await connection.close()
  await database.drop()
})

function onError(error: Error): void {
  throw error
}

/** So many jobs, sent as a gateway does. */
async function enqueue(queue: DigestQueue, count: number, priority = 0): Promise<void> {
  const jobs = Array.from({ length: count }, (_, n): NewJob => {
    return {
      queue,
      project_id: parseProjectId('1'),
      day: '2026-11-26',
      hash: n.toString(16).padStart(64, '0'),
      priority,
    }
  })
  await sql.begin((tx) =>
    sender.enqueue(
      { executeSql: async (text, values = []) => ({ rows: await tx.unsafe(text, values as string[]) }) },
      jobs,
    ),
  )
}

/** So many waiting jobs of four priorities, straight into the table; the oldest was made `oldestSeconds` ago. */
async function fill(queue: DigestQueue, count: number, oldestSeconds: number): Promise<void> {
  await sql.begin(async (tx) => {
    // A look at the queue's row for each job is half of the time.
    await tx`SET LOCAL session_replication_role = replica`
    await tx`
      INSERT INTO pgboss.job (name, priority, data, policy, created_on)
      SELECT ${queue}, n % 4 * 10, '{"project_id": "1"}', 'standard',
        now() - make_interval(secs => ${oldestSeconds} * n::float8 / ${count})
      FROM generate_series(1, ${count}) AS n`
  })
}

/** The test takes its time too. */
function expectAge(measured: number | undefined, seconds: number): void {
  expect(measured).toBeGreaterThanOrEqual(seconds)
  expect(measured).toBeLessThan(seconds + 60)
}

/** A measurement, and what it says, without the ages. */
async function measure(by: Db = db) {
  await by.execute(`UPDATE gauge SET measured_at = measured_at - interval '1 minute'`)
  expect(await measureQueue(by, QUEUES)).toBe(true)
  const gauges = await readGauges(by)
  return Object.fromEntries(Object.entries(gauges).map(([name, gauge]) => [name, gauge.value]))
}

describe('the queue', () => {
  test('when it is empty is measured as nothing, of no age', async () => {
    expect(await measure()).toEqual({ queue_waiting: 0, queue_active: 0, queue_oldest_seconds: 0, queue_dead: 0 })
  })

  test('of both kinds is counted: what waits, what a worker holds, what failed and waits for a later try, what is dead', async () => {
    await enqueue(DIGEST_QUEUE, 150)
    await enqueue(EXCESS_QUEUE, 50)
    expect(await measure()).toMatchObject({ queue_waiting: 200, queue_active: 0, queue_dead: 0 })
    const consumer = await startConsumer(database.url, onError)
    onTestFinished(consumer.stop)
    const jobs = await consumer.claim(30)
    expect(await measure()).toMatchObject({ queue_waiting: 170, queue_active: 30 })
    await consumer.giveBack(jobs.slice(0, 10), 'later')
    expect(await measure()).toMatchObject({ queue_waiting: 180, queue_active: 20 })
    await sql`UPDATE pgboss.job SET retry_count = retry_limit WHERE state = 'active'`
    const spent = jobs.slice(10).map((job) => ({ ...job, retryCount: DIGEST_QUEUE_OPTIONS.retryLimit }))
    await consumer.giveBack(spent, 'never')
    expect(await measure()).toMatchObject({ queue_waiting: 180, queue_active: 0, queue_dead: 20 })
  })

  test('is as old as its oldest job, whatever its priority and its queue, and though it waits for a later try', async () => {
    await enqueue(DIGEST_QUEUE, 5, 20)
    await enqueue(DIGEST_QUEUE, 5, 0)
    await enqueue(DIGEST_QUEUE, 5, -10)
    await enqueue(EXCESS_QUEUE, 5, 10)
    const age = async (queue: string, priority: number, seconds: number) => {
      await sql`
        UPDATE pgboss.job SET created_on = now() - make_interval(secs => ${seconds}), state = 'retry', start_after = now() + interval '1 hour'
        WHERE id = (SELECT id FROM pgboss.job WHERE name = ${queue} AND priority = ${priority} AND state = 'created' LIMIT 1)`
      return (await measure()).queue_oldest_seconds
    }
    expectAge(await age(DIGEST_QUEUE, 20, 100), 100)
    expectAge(await age(DIGEST_QUEUE, -10, 300), 300)
    expectAge(await age(DIGEST_QUEUE, 0, 200), 300)
    expectAge(await age(EXCESS_QUEUE, 10, 400), 400)
  })

  test('that does not exist is an error, and measures nothing', async () => {
    await expect(measureQueue(db, { ...QUEUES, dead: 'nonsense' })).rejects.toThrow('there is no queue nonsense')
    expect(await readGauges(db)).toEqual({})
  })
})

describe('a measurement', () => {
  test('says how old it is, by the clock of the database', async () => {
    await measure()
    const { queue_waiting: fresh } = await readGauges(db)
    expect(fresh?.ageSeconds).toBeGreaterThanOrEqual(0)
    expect(fresh?.ageSeconds).toBeLessThan(5)
    await sql`UPDATE gauge SET measured_at = measured_at - interval '90 seconds'`
    const { queue_waiting: old } = await readGauges(db)
    expect(old?.ageSeconds).toBeGreaterThanOrEqual(90)
    expect(old?.ageSeconds).toBeLessThan(95)
  })

  test('that is younger than five seconds is not made again', async () => {
    await measure()
    await enqueue(DIGEST_QUEUE, 3)
    expect(await measureQueue(db, QUEUES)).toBe(false)
    await sql`UPDATE gauge SET measured_at = measured_at - interval '5 seconds'`
    expect(await measureQueue(db, QUEUES)).toBe(true)
    expect((await readGauges(db)).queue_waiting?.value).toBe(3)
  })

  test('is made by one process of many that come at once', async () => {
    const made = await Promise.all(Array.from({ length: 6 }, () => measureQueue(db, QUEUES)))
    expect(made.filter(Boolean)).toHaveLength(1)
  })

  test('is not waited for by another process', async () => {
    await sql.begin(async (tx) => {
      await tx`SELECT pg_advisory_xact_lock(hashtext('rumen gauge'))`
      expect(await measureQueue(db, QUEUES)).toBe(false)
    })
  })
})

describe('a long queue', () => {
  let alone: Connection

  beforeAll(() => {
    alone = connect(database.url, { poolSize: 1, name: 'test' })
  })

  afterAll(() => alone.close())

  /** What the session that measures has read so far: tables from end to end, and entries of indexes. */
  async function readSoFar(): Promise<{ scans: number; entries: number }> {
    // What a session did is published when it rests, or after the statement that says so.
    await alone.sql`SELECT pg_stat_force_next_flush()`
    const [row] = await alone.sql<[{ scans: number; entries: number }]>`
      SELECT
        (SELECT sum(seq_scan)::int FROM pg_stat_user_tables WHERE schemaname = 'pgboss' AND relname ~ '^j') AS scans,
        (SELECT sum(idx_tup_read)::int FROM pg_stat_user_indexes WHERE schemaname = 'pgboss' AND relname ~ '^j') AS entries`
    return row
  }

  test('is counted to 100,000, and beyond that estimated: it is not read further, nor ever from end to end', async () => {
    await fill(DIGEST_QUEUE, 100_000, 5_000)
    const counted = await measure(alone.db)
    expect(counted.queue_waiting).toBe(100_000)
    expectAge(counted.queue_oldest_seconds, 5_000)

    await fill(DIGEST_QUEUE, 100_000, 9_000)
    await fill(EXCESS_QUEUE, 1_000, 100)
    await sql`ANALYZE pgboss.job`
    const before = await readSoFar()
    const estimated = await measure(alone.db)
    const after = await readSoFar()
    expect(estimated.queue_waiting).toBeGreaterThan(190_000)
    expect(estimated.queue_waiting).toBeLessThan(212_000)
    expectAge(estimated.queue_oldest_seconds, 9_000)
    expect(after.scans).toBe(before.scans)
    expect(after.entries - before.entries).toBeLessThan(103_000)
  }, 120_000)
})
