import { type Connection, connect } from '@rumen/db/connect'
import { transact } from '@rumen/db/transact'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, beforeAll, expect, test } from 'vitest'

let database: DatabaseClone
let connection: Connection

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 3, name: 'test' })
  await connection.sql`CREATE TABLE one AS SELECT n AS id, 0 AS count FROM generate_series(1, 2) AS n`
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

test('two that wait for each other are both done, the victim from its beginning', async () => {
  let begun = 0
  let meet = () => {}
  const met = new Promise<void>((resolve) => (meet = resolve))
  const count = (first: number, second: number) =>
    transact(connection.db, async (tx) => {
      await tx.execute(`UPDATE one SET count = count + 1 WHERE id = ${first}`)
      if (++begun === 2) meet()
      await met
      await tx.execute(`UPDATE one SET count = count + 1 WHERE id = ${second}`)
      return first
    })
  expect(await Promise.all([count(1, 2), count(2, 1)])).toEqual([1, 2])
  expect(begun).toBe(3)
  expect(await connection.sql`SELECT count FROM one`).toEqual([{ count: 2 }, { count: 2 }])
})

test('what fails for any other reason fails at once', async () => {
  let begun = 0
  const work = () =>
    transact(connection.db, async (tx) => {
      begun++
      await tx.execute('SELECT 1 / 0')
    })
  await expect(work()).rejects.toMatchObject({ cause: { code: '22012' } })
  expect(begun).toBe(1)
})

test('a victim time and again fails in the end', async () => {
  let begun = 0
  const work = () =>
    transact(connection.db, async (tx) => {
      begun++
      await tx.execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
    })
  await expect(work()).rejects.toMatchObject({ cause: { code: '40001' } })
  expect(begun).toBe(5)
})
