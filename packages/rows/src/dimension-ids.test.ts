import { type Connection, connect } from '@rumen/db/connect'
import { NEW_TAG_VALUES_MAX } from '@rumen/db/dimension/dimensions'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { sampleEvent } from '@rumen/grouping/sample-event'
import type { Event } from '@rumen/protocol/event'
import { parseProjectId } from '@rumen/protocol/project-id'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDimensionIds } from './dimension-ids.ts'

const ONE = parseProjectId('1')
const TWO = parseProjectId('2')

let database: DatabaseClone
let connection: Connection

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 4, name: 'test' })
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

function makeIds(now?: () => Date) {
  const ids = createDimensionIds(connection.db, now)
  return async (event: Partial<Event>, projectId = ONE) => {
    const { events } = await ids.resolve([{ projectId, event: sampleEvent(event) }], [])
    return events[0] ?? { columns: {}, tagIds: [] }
  }
}

test('an id is remembered for one UTC day: the next use after midnight says that the value is still in use', async () => {
  let now = new Date('2026-11-26T23:59:59Z')
  const resolve = makeIds(() => now)
  const event = { release: 'shop@1', transaction: '/', platform: 'ruby', tags: [{ key: 'a', value: 'b' }] }
  const days = async () => {
    const [row] = await connection.sql`
      SELECT (SELECT last_day::text FROM dim_release WHERE value = 'shop@1') AS release,
        (SELECT last_day::text FROM dim_transaction WHERE value = '/') AS transaction,
        (SELECT last_day::text FROM tag WHERE tag_key = 'a') AS tag`
    return Object.values(row ?? {})
  }
  const first = await resolve(event)
  expect(await days()).toEqual(['2026-11-26', '2026-11-26', '2026-11-26'])
  await connection.sql`UPDATE dim_transaction SET last_day = '2026-11-20'`
  expect(await resolve(event)).toEqual(first)
  expect(await days(), 'it is remembered').toEqual(['2026-11-26', '2026-11-20', '2026-11-26'])
  now = new Date('2026-11-27T00:00:00Z')
  expect(await resolve(event)).toEqual(first)
  expect(await days()).toEqual(['2026-11-27', '2026-11-27', '2026-11-27'])
})

test('a value that was expired is a new one the day it is used again', async () => {
  let now = new Date('2026-11-26T12:00:00Z')
  const resolve = makeIds(() => now)
  const before = await resolve({ transaction: '/expired' })
  await connection.sql`DELETE FROM dim_transaction WHERE value = '/expired'`
  now = new Date('2026-11-27T12:00:00Z')
  const after = await resolve({ transaction: '/expired' })
  expect(after.columns.transaction_id).not.toBe(before.columns.transaction_id)
  const rows = await connection.sql`SELECT id::int FROM dim_transaction WHERE value = '/expired'`
  expect(rows).toEqual([{ id: after.columns.transaction_id }])
})

test('projects share what nobody typed, and nothing else', async () => {
  const resolve = makeIds()
  const event = { platform: 'ruby', environment: 'production', tags: [{ key: 'a', value: 'shared' }] }
  const [one, two] = [await resolve(event, ONE), await resolve(event, TWO)]
  expect(two.columns.platform_id).toBe(one.columns.platform_id)
  expect(two.columns.environment_id).not.toBe(one.columns.environment_id)
  expect(two.tagIds).not.toEqual(one.tagIds)
})

test('tags beyond the bound of their key are one tag of the event', async () => {
  const tags = Array.from({ length: NEW_TAG_VALUES_MAX + 100 }, (_, n) => ({ key: 'many', value: `${n}` }))
  const { tagIds } = await makeIds()({ tags })
  expect(tagIds).toHaveLength(NEW_TAG_VALUES_MAX + 1)
  expect(new Set(tagIds).size).toBe(tagIds.length)
})

test('what other items name has the ids it has in events', async () => {
  const ids = createDimensionIds(connection.db)
  const named = { transaction: '/named', release: 'shop@2', environment: 'staging' }
  const nameless = { transaction: null, release: null, environment: null }
  const { events, names } = await ids.resolve(
    [{ projectId: ONE, event: sampleEvent(named) }],
    [
      { projectId: ONE, ...named },
      { projectId: ONE, ...nameless },
    ],
  )
  const { transaction_id, release_id, environment_id } = events[0]?.columns ?? {}
  expect(transaction_id).toEqual(expect.any(Number))
  expect(names).toEqual([{ transaction: transaction_id, release: release_id, environment: environment_id }, nameless])
})
