import { connect } from '@rumen/db/connect'
import { migrate } from '@rumen/db/migrate'
import { createDays } from '@rumen/db/partition/create-days'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { PARTITIONED_TABLES, type PartitionedTable, partitionName } from '@rumen/db/partition/partitioned-tables'
import { createDatabase } from '@rumen/embedded/create-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { installQueues } from '@rumen/queue/install-queues'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { dropDay } from '../support/drop-day.ts'
import { waitFor } from '../support/wait-for.ts'

/** Design §7: today and so many more. */
const DAYS_AHEAD = 14
/** Longest an insert may take while partitions come and go: a healthy one takes a millisecond, a blocked one seconds. */
const INSERT_MS_MAX = 500

const today = dayOf(new Date())
let url: string
let sql: Sql
let close: () => Promise<void>
let drop: () => Promise<void>

beforeAll(async () => {
  const database = await testDatabase()
  ;({ url, drop } = database)
  const connection = connect(url, { poolSize: 8, name: 'test' })
  ;({ sql, close } = connection)
})

afterAll(async () => {
  await close()
  await drop()
})

async function daysOf(of: Sql, table: string): Promise<Day[]> {
  const rows = await of<{ name: string }[]>`
    SELECT inhrelid::regclass::text AS name FROM pg_inherits
    WHERE inhparent = ${table}::regclass AND NOT inhdetachpending ORDER BY 1`
  return rows.map(({ name }) => name.slice(-8).replace(/(....)(..)(..)/, '$1-$2-$3'))
}

function expectedDays(): Day[] {
  return Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => addDays(today, ahead))
}

/** Inserts into today's partition through the parent, one after the other, and keeps the longest time one took. */
function insertSteadily(): { stop(): Promise<{ inserts: number; longestMs: number }> } {
  const stopping = new AbortController()
  const loop = async () => {
    let longestMs = 0
    let inserts = 0
    while (!stopping.signal.aborted) {
      const begin = performance.now()
      await sql`INSERT INTO outcome (project_id, day, item_type, outcome, quantity) VALUES (1, ${today}, 'event', 'stored', 1)`
      longestMs = Math.max(longestMs, performance.now() - begin)
      inserts++
    }
    return { inserts, longestMs }
  }
  const finished = loop()
  return {
    stop() {
      stopping.abort()
      return finished
    },
  }
}

/** A transaction that has read a day and stays open. */
async function openReader(table: PartitionedTable, day: Day): Promise<{ close(): Promise<void> }> {
  const session = await sql.reserve()
  await session`BEGIN`
  await session`SELECT count(*) FROM ${session(table)} WHERE day = ${day}`
  return {
    async close() {
      await session`COMMIT`
      session.release()
    },
  }
}

async function isDetaching(table: PartitionedTable): Promise<boolean> {
  const [row] = await sql`SELECT FROM pg_inherits WHERE inhparent = ${table}::regclass AND inhdetachpending`
  return row !== undefined
}

/** Leaves the partition as a process does that is killed while its detach waits for a reader: half detached. */
async function killDetach(table: PartitionedTable, day: Day): Promise<void> {
  const reader = await openReader(table, day)
  const killed = connect(url, { poolSize: 1, name: 'killed' })
  const detach = killed.sql.unsafe(`ALTER TABLE ${table} DETACH PARTITION ${partitionName(table, day)} CONCURRENTLY`)
  const ended = expect(detach).rejects.toThrow()
  await waitFor('the detach', () => isDetaching(table))
  await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'killed'`
  await ended
  await killed.sql.end({ timeout: 0 })
  await reader.close()
  expect(await isDetaching(table)).toBe(true)
}

test('a migrated database has today and the next 14 days of every partitioned table', async () => {
  for (const table of PARTITIONED_TABLES) expect(await daysOf(sql, table)).toEqual(expectedDays())
})

test('inserts go on while a day is dropped behind an open reader, and the drop is done once the reader ends', async () => {
  const day = addDays(today, 3)
  const reader = await openReader('outcome', day)
  const inserting = insertSteadily()
  let dropped = false
  const dropping = dropDay(url, { table: 'outcome', day }).then(() => {
    dropped = true
  })
  await waitFor('the detach', () => isDetaching('outcome'))
  // A second and a half more of it: three times over the lock time-out.
  const begin = Date.now()
  await waitFor('some time of waiting', () => Date.now() - begin > 1_500)
  expect(dropped).toBe(false)
  await reader.close()
  await dropping
  const { inserts, longestMs } = await inserting.stop()
  expect(inserts).toBeGreaterThan(50)
  expect(longestMs).toBeLessThan(INSERT_MS_MAX)
  expect(await daysOf(sql, 'outcome')).not.toContain(day)
  const [table] = await sql`SELECT to_regclass(${partitionName('outcome', day)}) AS name`
  expect(table).toEqual({ name: null })
})

test('a drop that was killed half-way is finished by the next call', async () => {
  const day = addDays(today, 4)
  await killDetach('outcome', day)
  await dropDay(url, { table: 'outcome', day })
  expect(await isDetaching('outcome')).toBe(false)
  expect(await daysOf(sql, 'outcome')).not.toContain(day)
})

test('dropping a day that is not there is no error', async () => {
  await dropDay(url, { table: 'outcome', day: addDays(today, 3) })
  await dropDay(url, { table: 'archive', day: '1999-12-31' })
})

test('four processes that make the same days at once make each once, and no insert waits for them', async () => {
  for (const table of PARTITIONED_TABLES) {
    for (let ahead = 1; ahead <= DAYS_AHEAD; ahead++) await dropDay(url, { table, day: addDays(today, ahead) })
  }
  // An open transaction holds the lock every insert takes on the parent.
  const writer = await sql.reserve()
  await writer`BEGIN`
  await writer`INSERT INTO outcome (project_id, day, item_type, outcome, quantity) VALUES (1, ${today}, 'event', 'stored', 1)`
  const inserting = insertSteadily()
  const makers = Array.from({ length: 4 }, () => connect(url, { poolSize: 1, name: 'maker' }))
  await Promise.all(makers.map((maker) => createDays(maker.sql, new Date())))
  await Promise.all(makers.map((maker) => maker.close()))
  const { longestMs } = await inserting.stop()
  await writer`COMMIT`
  writer.release()
  expect(longestMs).toBeLessThan(INSERT_MS_MAX)
  for (const table of PARTITIONED_TABLES) expect(await daysOf(sql, table)).toEqual(expectedDays())
})

test('a day made later takes rows like the others and is found by its indexes', async () => {
  const day = addDays(today, DAYS_AHEAD)
  await sql`
    INSERT INTO archive (project_id, day, hash, received_at, endpoint, encoding, wire_bytes)
    VALUES (1, ${day}, '\\x00', now(), 'store', 'gzip', 1)`
  const again = await sql`
    INSERT INTO archive (project_id, day, hash, received_at, endpoint, encoding, wire_bytes)
    VALUES (1, ${day}, '\\x00', now(), 'store', 'gzip', 1) ON CONFLICT DO NOTHING RETURNING day`
  expect(again).toHaveLength(0)
})

test('a row of a day nobody made is refused: there is no default partition that could not be dropped', async () => {
  const insert = sql`
    INSERT INTO outcome (project_id, day, item_type, outcome, quantity)
    VALUES (1, ${addDays(today, DAYS_AHEAD + 1)}, 'event', 'stored', 1)`
  await expect(insert).rejects.toMatchObject({ code: '23514' })
})

test('a day is dropped although the drop of another one was killed half-way', async () => {
  const [halfway, other] = [addDays(today, 5), addDays(today, 6)]
  await killDetach('report', halfway)
  await dropDay(url, { table: 'report', day: other })
  expect(await daysOf(sql, 'report')).not.toContain(other)
  await dropDay(url, { table: 'report', day: halfway })
})

test('several processes may bring the same empty database up to date at the same moment', async () => {
  const name = `rumen_empty_${process.pid}`
  await createDatabase(inject('adminUrl'), name)
  const empty = new URL(inject('adminUrl'))
  empty.pathname = `/${name}`
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      await migrate(empty.href)
      await installQueues(empty.href)
    }),
  )
  const connection = connect(empty.href, { poolSize: 1, name: 'test' })
  for (const table of PARTITIONED_TABLES) expect(await daysOf(connection.sql, table)).toEqual(expectedDays())
  const queues = await connection.sql`SELECT name FROM pgboss.queue ORDER BY name`
  expect(queues.map((queue) => queue.name)).toEqual(['digest', 'digest-dead', 'digest-excess', 'upkeep'])
  await connection.close()
  await sql`DROP DATABASE ${sql(name)} WITH (FORCE)`
})
