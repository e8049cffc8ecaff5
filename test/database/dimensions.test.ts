import { type Connection, connect, type Db } from '@rumen/db/connect'
import {
  DIMENSIONS,
  type Dimension,
  type DimensionName,
  NEW_TAG_VALUES_MAX,
  OTHER,
  SHARED_VALUES_MAX,
} from '@rumen/db/dimension/dimensions'
import { expireValues } from '@rumen/db/dimension/expire-values'
import { type DimensionValue, resolveValues, type Scalar } from '@rumen/db/dimension/resolve-values'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import type { Sql, TransactionSql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dropDay } from '../support/drop-day.ts'

const WORKERS = 4
const TODAY = dayOf(new Date())

let database: DatabaseClone
let workers: Connection[]
let db: Db
let sql: Sql
let one: ProjectId
let two: ProjectId

beforeAll(async () => {
  database = await testDatabase()
  workers = Array.from({ length: WORKERS }, () => connect(database.url, { poolSize: 2, name: 'test' }))
  ;({ db, sql } = workers[0] ?? never())
  one = (await createProject(db, { name: 'One' })).id
  two = (await createProject(db, { name: 'Two' })).id
})

afterAll(async () => {
  await Promise.all(workers.map(({ close }) => close()))
  await database.drop()
})

const ALL = [...DIMENSIONS].map(([name, dimension]) => ({ name, dimension, table: tableOf(name) }))
const SHARED = ALL.filter(({ dimension }) => !dimension.perProject)
const PER_PROJECT = ALL.filter(({ dimension }) => dimension.perProject)

function tableOf(name: DimensionName): string {
  return name === 'tag' ? 'tag' : `dim_${name}`
}

function dimensionOf(name: DimensionName): Dimension {
  return DIMENSIONS.get(name) ?? never()
}

/** A value that is only alike for the same name and number. */
function makeValue(name: DimensionName, word: string, n = 0): Scalar[] {
  if (name === 'device_specs') return dimensionOf(name).columns.map((_, at) => numberOf(word) * 100 + n * 10 + at)
  if (name === 'tag') return [word, `${word} ${n}`]
  return dimensionOf(name).columns.map((column) => `${word} ${column} ${n}`)
}

function numberOf(word: string): number {
  return [...word].reduce((sum, letter) => sum * 3 + letter.charCodeAt(0), 0)
}

async function resolveOne(name: DimensionName, value: DimensionValue, day = TODAY): Promise<number | null> {
  const [id] = await resolveValues(db, dimensionOf(name), [value], day)
  return id ?? null
}

async function countRows(table: string): Promise<number> {
  const [row] = await sql<[{ n: number }]>`SELECT count(*)::int AS n FROM ${sql(table)}`
  return row.n
}

/** Texts beside the key of a table are what a value is made of. */
async function fill(table: string, columns: readonly string[], rows: number): Promise<void> {
  const text = table === 'dim_device_specs' ? sql`-n` : sql`'filler ' || n`
  const values = columns.map(() => sql`, ${text}`)
  await sql`
    INSERT INTO ${sql(table)} (key ${columns.map((column) => sql`, ${sql(column)}`)})
    SELECT gen_random_uuid() ${values} FROM generate_series(1, ${rows}) AS n`
}

describe('the same value in two projects', () => {
  test.for(SHARED)('is one row for both: $name', async ({ name, table }) => {
    const before = await countRows(table)
    const values = makeValue(name, 'common')
    const id = await resolveOne(name, { projectId: one, values })
    expect(await resolveOne(name, { projectId: two, values })).toBe(id)
    expect(await countRows(table)).toBe(before + 1)
  })

  test.for(PER_PROJECT)('is a row for each: $name', async ({ name, table, dimension }) => {
    const values = makeValue(name, 'own')
    const both = [one, two].map((projectId) => ({ projectId, values }))
    const ids = await resolveValues(db, dimension, both)
    expect(new Set(ids).size).toBe(2)
    const rows = await sql`SELECT project_id, id::int FROM ${sql(table)} WHERE id IN ${sql(ids)} ORDER BY project_id`
    expect(rows.map(({ project_id }) => project_id)).toEqual([one, two])
  })
})

describe('a vocabulary all projects share', () => {
  test.for(SHARED)('has at most 10,000 values, and then (other): $name', async ({ name, dimension, table }) => {
    const known = await resolveOne(name, { projectId: one, values: makeValue(name, 'known') })
    await fill(table, dimension.columns, SHARED_VALUES_MAX - 1 - (await countRows(table)))
    const novel = [1, 2, 3].map((n) => ({ projectId: n === 1 ? two : one, values: makeValue(name, 'novel', n) }))
    const ids = await resolveValues(db, dimension, novel)
    const [other] = await sql<{ id: string }[]>`
      SELECT id FROM ${sql(table)} WHERE ${dimension.columns.map((column, at) => sql`${at > 0 ? sql`AND` : sql``} ${sql(column)}::text = ${OTHER}`)}`
    const otherId = name === 'device_specs' ? null : Number(other?.id)
    // One of the three got the last place; the two others are alike.
    expect(ids.filter((id) => id === otherId)).toHaveLength(2)
    expect(await countRows(table)).toBe(SHARED_VALUES_MAX + (otherId === null ? 0 : 1))
    expect(await resolveValues(db, dimension, novel)).toEqual(ids)
    expect(await resolveOne(name, { projectId: two, values: makeValue(name, 'later') })).toBe(otherId)
    expect(await resolveOne(name, { projectId: two, values: makeValue(name, 'known') })).toBe(known)
    expect(await countRows(table)).toBe(SHARED_VALUES_MAX + (otherId === null ? 0 : 1))
  })
})

describe('a tag key', () => {
  const TOMORROW = addDays(TODAY, 1)
  const tags = (key: string, word: string, count: number, projectId = one) =>
    Array.from({ length: count }, (_, n) => ({ projectId, values: [key, `${word} ${n}`] }))

  async function named(ids: readonly (number | null)[]) {
    const rows = await sql<{ tag_key: string; tag_value: string }[]>`
      SELECT tag_key, tag_value FROM tag WHERE id IN ${sql(ids)} ORDER BY 1, 2`
    return rows.map(({ tag_key, tag_value }) => `${tag_key}=${tag_value}`)
  }

  test('has at most 1,000 new values a day, and then (other)', async () => {
    const wanted = tags('request', 'request', NEW_TAG_VALUES_MAX + 50)
    const ids = await resolveValues(db, dimensionOf('tag'), [...wanted, ...tags('flavour', 'sweet', 1)], TODAY)
    expect(new Set(ids).size).toBe(NEW_TAG_VALUES_MAX + 2)
    const [count] = await sql`
      SELECT count(*) FILTER (WHERE tag_value <> ${OTHER})::int AS values, count(*)::int AS rows
      FROM tag WHERE tag_key = 'request'`
    expect(count).toEqual({ values: NEW_TAG_VALUES_MAX, rows: NEW_TAG_VALUES_MAX + 1 })
    expect(await named(ids.slice(-1))).toEqual(['flavour=sweet 0'])
  })

  test('that is full is full for its project, key and day alone', async () => {
    const late = tags('request', 'late', 1)
    const resolve = (wanted: DimensionValue[], day = TODAY) => resolveValues(db, dimensionOf('tag'), wanted, day)
    expect(await named(await resolve(late))).toEqual([`request=${OTHER}`])
    expect(await named(await resolve(tags('session', 'late', 1)))).toEqual(['session=late 0'])
    expect(await named(await resolve(tags('request', 'late', 1, two)))).toEqual(['request=late 0'])
    expect(await named(await resolve(late, TOMORROW))).toEqual(['request=late 0'])
    // What is there keeps its id, full or not.
    expect(await named(await resolve(tags('request', 'request', 1)))).not.toContain(`request=${OTHER}`)
  })

  test('may have (other) as a value somebody sent, which takes nobody a place', async () => {
    const literal = { projectId: one, values: ['literal', OTHER] }
    const wanted = [literal, ...tags('literal', 'value', NEW_TAG_VALUES_MAX)]
    const ids = await resolveValues(db, dimensionOf('tag'), wanted, TODAY)
    expect(new Set(ids).size).toBe(NEW_TAG_VALUES_MAX + 1)
    const [beyond] = await resolveValues(db, dimensionOf('tag'), tags('literal', 'more', 1), TODAY)
    expect(beyond).toBe(ids[0])
  })
})

describe('the last day a value was used on', () => {
  async function lastDay(table: string, id: number | null): Promise<unknown> {
    const [row] = await sql`SELECT to_char(last_day, 'YYYY-MM-DD') AS day FROM ${sql(table)} WHERE id = ${id}`
    return row?.day
  }

  test.for(PER_PROJECT)('moves forward, and never back: $name', async ({ name, table }) => {
    const value = { projectId: one, values: makeValue(name, 'daily') }
    const use = (day: string) => resolveOne(name, value, day)
    const id = await use('2026-11-20')
    expect(await lastDay(table, id)).toBe('2026-11-20')
    expect(await use('2026-11-21')).toBe(id)
    expect(await lastDay(table, id)).toBe('2026-11-21')
    expect(await use('2026-11-28')).toBe(id)
    expect(await use('2026-11-20')).toBe(id)
    expect(await lastDay(table, id)).toBe('2026-11-28')
  })
})

describe('values that no report can name any more', () => {
  const OLDEST = addDays(TODAY, -20)

  beforeAll(async () => {
    await createDay(sql, OLDEST)
    await createDay(sql, addDays(OLDEST, 3))
  })

  test.for(PER_PROJECT)('are removed a day after the oldest reports: $name', async ({ name, table }) => {
    const use = (word: string, day: string) => resolveOne(name, { projectId: one, values: makeValue(name, word) }, day)
    const gone = await use('gone', addDays(OLDEST, -2))
    const kept = await use('kept', addDays(OLDEST, -1))
    const revived = await use('revived', addDays(OLDEST, -9))
    expect(await use('revived', TODAY)).toBe(revived)
    await expireValues(db)
    const rows = await sql<{ id: number }[]>`SELECT id::int FROM ${sql(table)}`
    const left = [gone, kept, revived].filter((wanted) => rows.some(({ id }) => id === wanted))
    expect(left).toEqual([kept, revived])
  })

  test('are those of projects; what all share stays', () => {
    expect(PER_PROJECT.filter(({ dimension }) => !dimension.expires)).toEqual([])
    expect(SHARED.filter(({ dimension }) => dimension.expires)).toEqual([])
  })

  test('go when the day of their reports is dropped, and no report is left without its values', async () => {
    const day = addDays(OLDEST, 3)
    const use = (word: string, on: string) => resolveOne('url', { projectId: one, values: makeValue('url', word) }, on)
    const report = async (id: number | null, on: string) => {
      await sql`
        INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level, url_id)
        VALUES (${one}, gen_random_uuid(), ${on}, '', 0, 0, now(), now(), 0, ${id})`
    }
    await report(await use('both', OLDEST), OLDEST)
    await report(await use('first only', OLDEST), OLDEST)
    await report(await use('both', day), day)
    await expireValues(db)
    const values = async () =>
      (await sql`SELECT value FROM dim_url WHERE value LIKE 'both%' OR value LIKE 'first only%' ORDER BY 1`).length
    expect(await values()).toBe(2)
    await dropDay(database.url, { table: 'report', day: OLDEST })
    await expireValues(db)
    expect(await values(), 'transactions of that day may name them').toBe(2)
    await dropDay(database.url, { table: 'transaction_event', day: OLDEST })
    await dropDay(database.url, { table: 'check_in', day: OLDEST })
    await expireValues(db)
    expect(await values()).toBe(1)
    const orphans = await sql`
      SELECT FROM report LEFT JOIN dim_url ON dim_url.project_id = report.project_id AND dim_url.id = report.url_id
      WHERE dim_url.id IS NULL`
    expect(orphans).toHaveLength(0)
  })

  test('are not removed while somebody is using them again', async () => {
    const id = await resolveOne('url', { projectId: one, values: ['in use'] }, '2020-01-01')
    await sql.begin(async (tx) => {
      await tx`UPDATE dim_url SET last_day = ${TODAY} WHERE id = ${id}`
      await expireValues(db)
    })
    expect(await resolveOne('url', { projectId: one, values: ['in use'] })).toBe(id)
  })

  test('are written anew for whoever wants one while it is being removed', async () => {
    const value = { projectId: one, values: ['going'] }
    const old = await resolveOne('url', value, '2020-01-01')
    const resolved = await sql.begin(async (tx) => {
      await tx`DELETE FROM dim_url WHERE id = ${old}`
      const pending = resolveValues((workers[1] ?? never()).db, dimensionOf('url'), [value], TODAY)
      await waitForLock(tx)
      return { pending }
    })
    const [id] = await resolved.pending
    expect(id).not.toBe(old)
    expect(await sql`SELECT FROM dim_url WHERE id = ${id ?? null}`).toHaveLength(1)
  })

  test('are many: they go in batches', async () => {
    await sql`
      INSERT INTO dim_user (project_id, key, last_day, identifier)
      SELECT ${one}, gen_random_uuid(), '2020-01-01', 'user ' || n FROM generate_series(1, 25000) AS n`
    expect(await expireValues(db)).toBe(25_000)
  })
})

async function waitForLock(by: TransactionSql): Promise<void> {
  for (let looks = 0; looks < 200; looks++) {
    const [waiting] = await by`SELECT FROM pg_locks WHERE NOT granted`
    if (waiting) return
    await by`SELECT pg_sleep(0.01)`
  }
  throw new Error('nobody waits')
}

test('four workers with the same new values make no two alike, never deadlock and burn no identity twice', async () => {
  const NAMES = ['dist', 'user', 'url', 'tag', 'top_frame'] as const
  const ROUNDS = 12
  const lastValues = async () =>
    Promise.all(
      NAMES.map(async (name) => {
        const [row] = await sql<[{ last: string }]>`SELECT last_value AS last FROM ${sql(`${tableOf(name)}_id_seq`)}`
        return Number(row.last)
      }),
    )
  const rowsOf = () => Promise.all(NAMES.map((name) => countRows(tableOf(name))))
  const [burntBefore, before] = [await lastValues(), await rowsOf()]
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(
      workers.map(async (worker, w) => {
        // Half of what each wants, the next one wants, too, and some values are from a day before.
        const wanted = Array.from({ length: 100 }, (_, n) => (w * 50 + n) % (WORKERS * 50)).toSorted(
          () => Math.random() - 0.5,
        )
        await Promise.all(
          NAMES.map((name) => {
            const values = wanted.flatMap((n) => [
              { projectId: n % 2 ? one : two, values: makeValue(name, `round ${round}`, n) },
              { projectId: n % 2 ? one : two, values: makeValue(name, `round ${Math.max(0, round - 2)}`, n) },
            ])
            return resolveValues(worker.db, dimensionOf(name), values, addDays(TODAY, 30 + round))
          }),
        )
      }),
    )
  }
  const made = (await rowsOf()).map((rows, at) => rows - (before[at] ?? 0))
  expect(made).toEqual(NAMES.map(() => ROUNDS * WORKERS * 50))
  for (const [at, last] of (await lastValues()).entries()) {
    const burnt = last - (burntBefore[at] ?? 0) - (made[at] ?? 0)
    // Two want each value at the same moment: whoever comes second may lose a number, once.
    expect(burnt).toBeLessThanOrEqual(ROUNDS * WORKERS * 50)
  }
  const settled = await lastValues()
  await resolveValues(
    db,
    dimensionOf('url'),
    Array.from({ length: 200 }, (_, n) => ({ projectId: n % 2 ? one : two, values: makeValue('url', 'round 0', n) })),
  )
  expect(await lastValues()).toEqual(settled)
})

function never(): never {
  throw new Error('this test is wrong')
}
