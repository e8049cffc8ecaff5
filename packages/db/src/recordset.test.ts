import { sql } from 'drizzle-orm'
import { bigint, boolean, customType, date, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Connection, connect } from './connect.ts'
import { recordset } from './recordset.ts'

const bytea = customType<{ data: string }>({ dataType: () => 'bytea' })
const every = pgTable('every', {
  id: bigint({ mode: 'number' }),
  key: uuid(),
  day: date(),
  at: timestamp({ withTimezone: true }),
  is_on: boolean(),
  words: text(),
  told: jsonb(),
  hash: bytea(),
  ids: bigint({ mode: 'number' }).array(),
})
const COLUMNS = ['id', 'key', 'day', 'at', 'is_on', 'words', 'told', 'hash', 'ids']

let connection: Connection

beforeAll(() => {
  connection = connect(inject('adminUrl'), { poolSize: 1, name: 'test' })
})

afterAll(() => connection.close())

async function through(rows: readonly object[]) {
  const [found] = await connection.db.execute<{ rows: unknown }>(sql`
    SELECT coalesce(json_agg(json_build_object(
      'id', id, 'key', key, 'day', day, 'at', extract(epoch FROM at), 'is_on', is_on, 'words', words, 'told', told, 'hash', hash, 'ids', ids
    )), '[]') AS rows FROM ${recordset(every, COLUMNS, rows)}`)
  return found?.rows
}

test('rows arrive in their order, each column as its type has it, whatever their texts hold', async () => {
  const words = ['', 'null', '{"a"}', 'it\'s, "quoted" \\ and {braced}', 'two\nlines\tand a tab', '𝄞 ü', '\\x00']
  const rows = words.map((one, n) => ({
    ...{
      id: n,
      key: '00000000-0000-4000-8000-00000000000a',
      day: '2026-01-31',
      at: new Date(1_500),
      is_on: n % 2 === 0,
    },
    ...{ words: one, told: { said: one, list: [1, null] }, hash: '\\xdeadbeef', ids: [n, 2 ** 40] },
  }))
  expect(await through(rows)).toEqual(rows.map((row) => ({ ...row, at: 1.5 })))
})

test('what is null or missing is null, and a text or a list as JSON stays one', async () => {
  const nothing = Object.fromEntries(COLUMNS.map((column) => [column, null]))
  expect(await through([nothing, {}])).toEqual([nothing, nothing])
  const told = ['said', [1, 'two'], 'null', 7, false]
  expect(await through(told.map((one) => ({ told: one })))).toEqual(told.map((one) => ({ ...nothing, told: one })))
  expect(await through([{ ids: [] }])).toEqual([{ ...nothing, ids: [] }])
})

test('no rows are none', async () => {
  expect(await through([])).toEqual([])
})
