import { readFile } from 'node:fs/promises'
import { type Connection, connect } from '@rumen/db/connect'
import { measureQueue } from '@rumen/db/gauge/measure-queue'
import { testDatabase } from '@rumen/embedded/test-database'
import { DEAD_QUEUE, DIGEST_QUEUES } from '@rumen/queue/digest-queue'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KUBERNETES, readManifests } from './read-manifests.ts'

// KEDA asks the database how many jobs wait, by a login that can ask nothing else.

let database: Awaited<ReturnType<typeof testDatabase>>
let connection: Connection
let keda: Sql

const query = readManifests('keda').flatMap(({ spec }) => spec.triggers ?? [])[0]?.metadata.query ?? ''

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 1, name: 'test' })
  await connection.sql.unsafe(await readFile(`${KUBERNETES}keda/login.sql`, 'utf8'))
  await connection.sql.unsafe(`ALTER ROLE rumen_keda PASSWORD 'only-here'`)
  const url = new URL(database.url)
  url.username = 'rumen_keda'
  url.password = 'only-here'
  keda = postgres(url.href, { max: 1 })
})

afterAll(async () => {
  await keda?.end()
  await connection?.sql.unsafe('DROP OWNED BY rumen_keda; DROP ROLE rumen_keda')
  await connection?.close()
  await database?.drop()
})

test('the query of the manifest answers how many jobs wait; not any more when nobody has measured for long', async () => {
  expect(await keda.unsafe(query)).toEqual([])
  await measureQueue(connection.db, { digest: DIGEST_QUEUES, dead: DEAD_QUEUE })
  expect(await keda.unsafe(query)).toEqual([{ value: '0' }])
  await connection.sql`UPDATE gauge SET measured_at = measured_at - interval '3 minutes'`
  expect(await keda.unsafe(query)).toEqual([])
})

test.for([
  'SELECT FROM project',
  'SELECT FROM archive',
  'SELECT FROM report',
  'SELECT FROM pgboss.job',
  'SELECT FROM analytics.reports',
  'UPDATE gauge SET value = 0',
  'CREATE TABLE mine (id int)',
])('the login is refused: %s', async (statement) => {
  // What a session may set itself protects nothing.
  await keda`SET default_transaction_read_only = off`
  await expect(keda.unsafe(statement)).rejects.toMatchObject({ code: '42501' })
})
