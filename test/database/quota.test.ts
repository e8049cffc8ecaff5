import { type Connection, connect, type Db } from '@rumen/db/connect'
import { addUsage, type Usage } from '@rumen/db/quota/add-usage'
import { removeOldUsage } from '@rumen/db/quota/remove-old-usage'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { parseProjectId } from '@rumen/protocol/project-id'
import type { Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

const SHOP = parseProjectId('1')
const LARGEST = parseProjectId('9223372036854775807')
const HOUR = new Date('2026-11-26T11:00:00Z')

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 8, name: 'test' })
  ;({ db, sql } = connection)
  for (const id of [SHOP, LARGEST]) {
    await sql`INSERT INTO project (id, name, slug) OVERRIDING SYSTEM VALUE VALUES (${id}, ${id}, ${id})`
    await sql`INSERT INTO project_counter (project_id) VALUES (${id})`
    await sql`INSERT INTO grouping_config (project_id, version) VALUES (${id}, 1)`
  }
})

afterEach(async () => {
  await sql`DELETE FROM quota_usage`
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

function makeUsage(used: number, over: Partial<Usage> = {}): Usage {
  return { project_id: SHOP, period: 'hour', starts_at: HOUR, used, ...over }
}

test('what is added comes back as the sum of all that was added to the period', async () => {
  expect(await addUsage(db, [makeUsage(3)])).toEqual([makeUsage(3)])
  expect(await addUsage(db, [makeUsage(4), makeUsage(1, { project_id: LARGEST })])).toEqual(
    expect.arrayContaining([makeUsage(7), makeUsage(1, { project_id: LARGEST })]),
  )
})

test('periods are told apart: minute, hour and month that begin at the same moment too', async () => {
  const usages = [
    makeUsage(1, { period: 'minute' }),
    makeUsage(2),
    makeUsage(3, { period: 'month' }),
    makeUsage(4, { starts_at: new Date('2026-11-26T12:00:00Z') }),
  ]
  await addUsage(db, usages)
  expect((await addUsage(db, usages)).map(({ used }) => used).toSorted()).toEqual([2, 4, 6, 8])
})

test('with nothing to add a period is read and not written', async () => {
  await addUsage(db, [makeUsage(5)])
  const [before] = await sql`SELECT xmin, ctid FROM quota_usage`
  const asked = [makeUsage(0), makeUsage(0, { project_id: LARGEST })]
  expect(await addUsage(db, asked)).toEqual([makeUsage(5)])
  expect(await sql`SELECT xmin, ctid FROM quota_usage`).toEqual([before])
})

test('no counts are no statement', async () => {
  expect(await addUsage(db, [])).toEqual([])
})

test('a period that comes twice in one statement is added up', async () => {
  expect(await addUsage(db, [makeUsage(2), makeUsage(3), makeUsage(0)])).toEqual([makeUsage(5)])
})

test('gateways that add to some of the same periods at once, each in its own order, lose nothing and never deadlock', async () => {
  await sql`
    WITH made AS (
      INSERT INTO project (id, name, slug) OVERRIDING SYSTEM VALUE SELECT n, n, n FROM generate_series(2, 1000) AS n RETURNING id
    ), counted AS (INSERT INTO project_counter (project_id) SELECT id FROM made)
    INSERT INTO grouping_config (project_id, version) SELECT id, 1 FROM made`
  const periods = Array.from({ length: 1000 }, (_, n) => makeUsage(1, { project_id: parseProjectId(`${n + 1}`) }))
  const added = Array.from({ length: 60 }, (_, n) => {
    return periods.toSorted(() => Math.random() - 0.5).slice(0, n % 2 === 0 ? periods.length : 100)
  })
  await Promise.all(added.map((usages) => addUsage(db, usages)))
  const [sum] = await sql`SELECT sum(used)::int AS used FROM quota_usage`
  expect(sum).toEqual({ used: added.flat().length })
})

test('old periods go: minutes after an hour, hours after two days, months after thirteen; the current ones stay', async () => {
  const starts = {
    minute: ['2026-11-26T11:59:00Z', '2026-11-26T11:00:00Z', '2026-11-26T10:59:00Z'],
    hour: ['2026-11-26T11:00:00Z', '2026-11-24T12:00:00Z', '2026-11-24T11:00:00Z'],
    month: ['2026-11-01T00:00:00Z', '2025-11-01T00:00:00Z', '2025-10-01T00:00:00Z'],
  } as const
  for (const period of ['minute', 'hour', 'month'] as const) {
    await addUsage(
      db,
      starts[period].map((start) => makeUsage(1, { period, starts_at: new Date(start) })),
    )
  }
  await removeOldUsage(db, new Date('2026-11-26T11:59:30Z'))
  const left = await sql`
    SELECT period || ' ' || to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI') AS period
    FROM quota_usage ORDER BY 1`
  expect(left.map(({ period }) => period)).toEqual([
    'hour 2026-11-24T12:00',
    'hour 2026-11-26T11:00',
    'minute 2026-11-26T11:00',
    'minute 2026-11-26T11:59',
    'month 2025-11-01T00:00',
    'month 2026-11-01T00:00',
  ])
})

test('a project that is being deleted, or is gone, gets no rows, and keeps nobody else from theirs', async () => {
  await sql`UPDATE project SET status = 'deleting' WHERE id = ${LARGEST}`
  const gone = makeUsage(1, { project_id: parseProjectId('4040') })
  expect(await addUsage(db, [makeUsage(2, { project_id: LARGEST }), gone, makeUsage(5)])).toEqual([makeUsage(5)])
  expect(await sql`SELECT project_id FROM quota_usage`).toEqual([{ project_id: SHOP }])
})
