import { readlink, statfs } from 'node:fs/promises'
import { type Connection, connect } from '@rumen/db/connect'
import { forecast, type Growth, type PartitionSize } from '@rumen/db/disk/forecast'
import { forecastDisk } from '@rumen/db/disk/forecast-disk'
import { forecastInWords } from '@rumen/db/disk/forecast-in-words'
import { measureDisk } from '@rumen/db/disk/measure-disk'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays } from '@rumen/db/partition/day'
import { PARTITIONED_TABLES } from '@rumen/db/partition/partitioned-tables'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

const TODAY = '2026-11-26'
const GB = 1_000_000_000

const RETENTION = { reportDays: 90, archiveDays: 90, sessionDays: 90, ledgerDays: 90, dedupeDays: 30 }

/** Days of archives before today, all alike. */
function archives(days: number, bytes: number): PartitionSize[] {
  return Array.from({ length: days }, (_, ago) => ({ table: 'archive', day: addDays(TODAY, -1 - ago), bytes }))
}

function growthOf(given: Partial<Growth> = {}): Growth {
  return {
    ...{ today: TODAY, freeBytes: 100 * GB, partitions: [], restPerDay: 0, lastingShare: 1, retention: RETENTION },
    ...given,
  }
}

test('a young database fills the disk before anything is old enough to go', () => {
  // Ten days of 1 GB: 80 more come before the first goes, and 50 fit.
  const { bytesPerDay, fullOn, advice } = forecast(growthOf({ freeBytes: 50 * GB, partitions: archives(10, GB) }))
  expect(bytesPerDay).toBe(GB)
  expect(fullOn).toBe(addDays(TODAY, 50))
  // Of the 60 days that fit in all, one is dropped only when the next has come in.
  expect(advice).toEqual({ retentionDays: 59, freesBytes: 0, settings: ['RETENTION_DAYS'] })
})

test('one whose days come and go alike is never full, however little is free', () => {
  expect(forecast(growthOf({ freeBytes: 2 * GB, partitions: archives(89, GB) })).fullOn).toBeNull()
})

test('days that are larger than those they replace fill it', () => {
  const partitions = [...archives(7, 2 * GB), ...archives(89, GB).slice(7)]
  const { fullOn, advice } = forecast(growthOf({ freeBytes: 20 * GB, partitions }))
  // The first day gives back nothing: today is one of the ninety. Of each after it a gigabyte is missing.
  expect(fullOn).toBe(addDays(TODAY, 19))
  expect(advice?.retentionDays).toBeLessThan(90)
  expect(advice?.freesBytes).toBeGreaterThan(0)
})

test('what is never taken back fills any disk in the end, and what expires does not', () => {
  const base = { partitions: archives(89, GB), freeBytes: 30 * GB, restPerDay: GB / 10 }
  expect(forecast(growthOf({ ...base, lastingShare: 1 })).fullOn).toBe(addDays(TODAY, 290))
  expect(forecast(growthOf({ ...base, lastingShare: 0 })).fullOn).toBeNull()
})

test('advice names the settings that would have to change', () => {
  const retention = { ...RETENTION, archiveDays: 365 }
  const partitions = archives(100, GB)
  const { advice } = forecast(growthOf({ freeBytes: 10 * GB, partitions, retention }))
  expect(advice?.settings).toEqual(['ARCHIVE_RETENTION_DAYS'])
  const less = forecast(growthOf({ freeBytes: 0.5 * GB, partitions: archives(60, GB), retention }))
  expect(less.advice?.settings).toEqual(['RETENTION_DAYS', 'ARCHIVE_RETENTION_DAYS'])
})

test('nothing is said of a disk nobody knows, and of one that no retention saves no retention is advised', () => {
  expect(forecast(growthOf({ freeBytes: null, partitions: archives(5, GB) })).fullOn).toBeNull()
  expect(forecast(growthOf({ freeBytes: GB / 2, partitions: [], restPerDay: GB }))).toMatchObject({
    fullOn: addDays(TODAY, 1),
    advice: null,
  })
})

test('the forecast says what will really happen, day by day', () => {
  const days = fc.record({
    // A mean of one to seven of them is a whole number.
    sizes: fc.array(
      fc.integer({ min: 1, max: 1000 }).map((bytes) => bytes * 420),
      { minLength: 1, maxLength: 40 },
    ),
    table: fc.constantFrom(...PARTITIONED_TABLES.filter((table) => table !== 'outcome')),
    kept: fc.integer({ min: 1, max: 30 }),
    free: fc.integer({ min: 1, max: 20_000_000 }),
    rest: fc.integer({ min: 0, max: 5_000 }),
  })
  fc.assert(
    fc.property(days, ({ sizes, table, kept, free, rest }) => {
      const partitions = sizes.map((bytes, ago) => ({ table, day: addDays(TODAY, -1 - ago), bytes }))
      const retention = { reportDays: kept, archiveDays: kept, sessionDays: kept, ledgerDays: kept, dedupeDays: 30 }
      const { fullOn } = forecast(growthOf({ freeBytes: free, partitions, restPerDay: rest, retention }))
      expect(fullOn).toBe(liveThrough(sizes, { kept, free, rest }))
    }),
  )
})

/** The same by keeping the days in a list: the newest first, the one that has just begun among them. */
function liveThrough(sizes: readonly number[], { kept, free, rest }: { kept: number; free: number; rest: number }) {
  const recent = sizes.slice(0, 7)
  const inflow = sum(recent) / recent.length
  const disk = free + sum(sizes)
  let there = [0, ...sizes].slice(0, kept)
  for (let ahead = 1; ahead <= 3 * 365; ahead++) {
    const atMidnight = [inflow, ...there.slice(1)]
    if (sum(atMidnight) + rest * ahead >= disk) return addDays(TODAY, ahead)
    there = [0, ...atMidnight].slice(0, kept)
  }
  return null
}

function sum(list: readonly number[]): number {
  return list.reduce((total, bytes) => total + bytes, 0)
}

const WORDS = {
  ...{ databaseBytes: 1, freeBytes: 1, capacityBytes: 2, bytesPerDay: 1, measuredAt: new Date() },
}

test.for([
  [{ fullOn: null, advice: null }, 'not full with this retention'],
  [
    { fullOn: '2027-01-14', advice: { retentionDays: 30, freesBytes: 12_345_678_901, settings: ['RETENTION_DAYS'] } },
    'full on 2027-01-14; RETENTION_DAYS=30 frees 12.3 GB',
  ],
  [
    {
      fullOn: '2027-01-14',
      advice: { retentionDays: 30, freesBytes: 0, settings: ['RETENTION_DAYS', 'ARCHIVE_RETENTION_DAYS'] },
    },
    'full on 2027-01-14; RETENTION_DAYS=30 ARCHIVE_RETENTION_DAYS=30 keeps it from that',
  ],
  [
    { fullOn: '2027-01-14', advice: null },
    'full on 2027-01-14; no retention keeps it from that: the disk must be larger',
  ],
] as const)('%j is said as: %s', ([given, words]) => {
  expect(forecastInWords({ ...WORDS, ...given })).toBe(words)
})

test('where the space left is not known, it is said how to tell', () => {
  expect(forecastInWords({ ...WORDS, freeBytes: null, fullOn: null, advice: null })).toContain('DATABASE_DISK_BYTES')
})

describe('measured', () => {
  const NOW = new Date(`${TODAY}T12:00:00Z`)
  const MB = 1_000_000

  let database: DatabaseClone
  let connection: Connection

  beforeAll(async () => {
    database = await testDatabase()
    connection = connect(database.url, { poolSize: 2, name: 'test' })
  })

  afterEach(() => connection.sql`TRUNCATE disk_day`)

  afterAll(async () => {
    await connection.close()
    await database.drop()
  })

  const options = { retention: RETENTION, now: NOW }

  async function measured() {
    const [row] = await connection.sql`
      SELECT to_char(day, 'YYYY-MM-DD') AS day, database_bytes::float8 AS bytes, partition_bytes::float8 AS partitions,
        free_bytes::float8 AS free FROM disk_day`
    return row
  }

  test('nothing is forecast before anybody has measured', async () => {
    expect(await forecastDisk(connection.db, options)).toBeNull()
  })

  test('the disk the database lies on is asked, where it is this machine’s and its login may know', async () => {
    const { db, sql } = connection
    await measureDisk(db, { now: NOW, url: database.url, diskBytes: null })
    // The server's own idea of where it stands: the setting may be a name that means something else to anybody else.
    const [backend] = await sql`SELECT pg_backend_pid() AS pid`
    const { bavail, bsize } = await statfs(await readlink(`/proc/${backend?.pid}/cwd`))
    const row = await measured()
    expect(row?.free).toBeGreaterThan(0)
    expect(row).toMatchObject({ day: TODAY })
    expect(Math.abs(row?.free - bavail * bsize)).toBeLessThan(GB)
    expect(row?.partitions).toBeGreaterThan(0)
    expect(row?.partitions).toBeLessThan(row?.bytes)
    await measureDisk(db, { now: NOW, url: 'postgres://db.example.com/rumen', diskBytes: null })
    expect(await measured()).toMatchObject({ day: TODAY, free: null })
  })

  test('a login that may not know where the files are measures all the same', async () => {
    const { sql } = connection
    const [{ name }] = await sql<[{ name: string }]>`SELECT current_database() || '_login' AS name`
    await sql.unsafe(`CREATE ROLE ${name} LOGIN PASSWORD 'x'; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${name}`)
    const url = new URL(database.url)
    url.username = name
    url.password = 'x'
    const login = connect(url.href, { poolSize: 1, name: 'test' })
    await measureDisk(login.db, { now: NOW, url: url.href, diskBytes: null })
    expect(await measured()).toMatchObject({ free: null })
    await login.close()
    await sql.unsafe(`DROP OWNED BY ${name}; DROP ROLE ${name}`)
  })

  test('a disk of a size that was given leaves what the database does not take', async () => {
    await measureDisk(connection.db, { now: NOW, url: database.url, diskBytes: 50 * GB })
    const row = await measured()
    expect(row?.free).toBe(50 * GB - row?.bytes)
    const found = await forecastDisk(connection.db, options)
    expect(found).toMatchObject({
      databaseBytes: row?.bytes,
      freeBytes: row?.free,
      capacityBytes: 50 * GB,
      measuredAt: NOW,
    })
  })

  test('what comes in a day is what the days before took, and what the rest grew by', async () => {
    const { db, sql } = connection
    for (const ago of [1, 2]) {
      await createDay(sql, addDays(TODAY, -ago))
      await sql`
        INSERT INTO archive (project_id, day, hash, received_at, endpoint, encoding, wire_bytes, body)
        SELECT 1, ${addDays(TODAY, -ago)}, sha256(n::text::bytea), now(), 'envelope', 'gzip', 1,
          (SELECT string_agg(sha256((n || ' ' || m)::bytea), '') FROM generate_series(1, 1000) AS m)
        FROM generate_series(1, 100) AS n`
    }
    // Beside its partitions the database has grown by ten megabytes in each of five days.
    await measureDisk(db, { now: NOW, url: database.url, diskBytes: 200 * MB })
    await sql`
      INSERT INTO disk_day
      SELECT day - 5, database_bytes - partition_bytes - ${50 * MB}, 0, NULL, now() FROM disk_day WHERE day = ${TODAY}`
    const found = await forecastDisk(db, options)
    // Two days with 100 bodies of 32 kB, and their pages and indexes.
    expect(found?.bytesPerDay).toBeGreaterThan(13.2 * MB)
    expect(found?.bytesPerDay).toBeLessThan(15 * MB)
    const inDays = Math.ceil((found?.freeBytes ?? 0) / (found?.bytesPerDay ?? 1))
    expect(found?.fullOn).toBe(addDays(TODAY, inDays))
  })
})
