import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DatabaseClone } from './clone-database.ts'
import { testDatabase } from './test-database.ts'

let database: DatabaseClone

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(() => database.drop())

test('a test file gets a database of its own, with the tables and the queues', async () => {
  const sql = postgres(database.url, { max: 1 })
  const [found] = await sql`
    select current_database() as name, to_regclass('public.archive') is not null as has_tables,
      to_regclass('pgboss.job') is not null as has_queues`
  await sql.end()
  expect(found).toEqual({
    name: expect.stringMatching(/^rumen_template_[0-9a-f]{12}$/),
    has_tables: true,
    has_queues: true,
  })
})
