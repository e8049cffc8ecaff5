import { type Connection, connect } from '@rumen/db/connect'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { parseProjectId } from '@rumen/protocol/project-id'
import { DIGEST_QUEUE } from '@rumen/queue/digest-queue'
import { type Consumer, startConsumer } from '@rumen/queue/start-consumer'
import { type NewJob, type Sender, startSender } from '@rumen/queue/start-sender'
import type { Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'

let database: DatabaseClone
let connection: Connection
let sql: Sql
let sender: Sender
let consumer: Consumer
let other: Consumer

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 2, name: 'test' })
  sql = connection.sql
  sender = await startSender(database.url, onError)
  consumer = await startConsumer(database.url, onError)
  other = await startConsumer(database.url, onError)
})

afterEach(async () => {
  await sql`DELETE FROM pgboss.job`
})

afterAll(async () => {
  await Promise.all([sender.stop(), consumer.stop(), other.stop()])
  await connection.close()
  await database.drop()
})

function onError(error: Error): void {
  throw error
}

async function enqueueOne(): Promise<void> {
  const job: NewJob = {
    queue: DIGEST_QUEUE,
    project_id: parseProjectId('1'),
    day: '2026-11-21',
    hash: 'a'.repeat(64),
    priority: 0,
  }
  await sql.begin((tx) =>
    sender.enqueue({ executeSql: async (text, values = []) => ({ rows: await tx.unsafe(text, values as string[]) }) }, [
      job,
    ]),
  )
}

async function theJob() {
  const [job] =
    await sql`SELECT state, retry_count, retry_limit, started_on FROM pgboss.job WHERE name = ${DIGEST_QUEUE}`
  return job
}

async function makeDue(): Promise<void> {
  await sql`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry'`
}

test('a claim that lapses brings a job no nearer to its end, giving it back does', async () => {
  await enqueueOne()
  await consumer.claim(1)
  await sql`UPDATE pgboss.job SET started_on = started_on - interval '2 minutes'`
  await waitFor('the supervision', async () => (await theJob())?.state === 'retry')
  await makeDue()
  const again = await other.claim(1)
  expect(await theJob()).toMatchObject({ state: 'active', retry_count: 1, retry_limit: 13 })
  await other.giveBack(again, 'the disk is full')
  await makeDue()
  await consumer.claim(1)
  expect(await theJob()).toMatchObject({ state: 'active', retry_count: 2, retry_limit: 13 })
})

test('a released job can be claimed at once, as if it had not been', async () => {
  await enqueueOne()
  const first = await consumer.claim(1)
  await consumer.release(first)
  expect(await theJob()).toMatchObject({ state: 'created', retry_count: 0, started_on: null })
  expect(await other.claim(1)).toEqual(first)
})

test('a job that somebody else has claimed meanwhile is not released', async () => {
  await enqueueOne()
  const late = await consumer.claim(1)
  await sql`UPDATE pgboss.job SET state = 'retry'`
  expect(await other.claim(1)).toHaveLength(1)
  await consumer.release(late)
  expect(await theJob()).toMatchObject({ state: 'active', retry_count: 1 })
})
