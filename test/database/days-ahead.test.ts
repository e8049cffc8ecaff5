import { type Connection, connect } from '@rumen/db/connect'
import { createDays } from '@rumen/db/partition/create-days'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { daysAhead } from '@rumen/db/partition/days-ahead'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dropDay } from '../support/drop-day.ts'

const NOW = new Date()
const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS

let database: DatabaseClone
let connection: Connection

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 2, name: 'test' })
  // What is copied may be of yesterday: a run of all tests can take midnight along.
  await createDays(connection.sql, NOW)
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

test('the days archives can be written for are counted from today, up to the first gap', async () => {
  const { sql } = connection
  const after = (days: number) => new Date(NOW.getTime() + days * DAY_MS)
  expect(await daysAhead(sql, NOW)).toBe(14)
  expect(await daysAhead(sql, after(11))).toBe(3)
  expect(await daysAhead(sql, after(14))).toBe(0)
  expect(await daysAhead(sql, after(15))).toBe(-1)
  await dropDay(database.url, { table: 'report', day: addDays(dayOf(NOW), 2) })
  expect(await daysAhead(sql, NOW), 'another table is no matter').toBe(14)
  await dropDay(database.url, { table: 'archive', day: addDays(dayOf(NOW), 5) })
  expect(await daysAhead(sql, NOW)).toBe(4)
})
