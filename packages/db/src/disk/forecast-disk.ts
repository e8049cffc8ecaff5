import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { addDays, type Day, dayOf } from '../partition/day.ts'
import type { Retention } from '../retention/retention.ts'
import { type Advice, forecast, type Growth } from './forecast.ts'
import { readPartitionSizes } from './partition-sizes.ts'

export interface DiskForecast {
  databaseBytes: number
  /** What the database can still take; null where nobody could tell. */
  freeBytes: number | null
  /** What it can take in all. */
  capacityBytes: number | null
  /** What a day adds now, before anything is dropped. */
  bytesPerDay: number
  /** The UTC day the disk will be full; null: not with this retention, as far as can be seen. */
  fullOn: Day | null
  /** What would keep it from filling up; null where nothing has to, or nothing of this kind would. */
  advice: Advice | null
  measuredAt: Date
}

/** Days of growth that are looked at: a week has its weekend. */
const GROWTH_DAYS = 7

/**
 * What the disk will do under this retention, from what a worker measures every hour. Null: nobody has measured yet. Three
 * short queries; `now` is the clock days are told by.
 */
export async function forecastDisk(
  db: Db,
  { retention, now }: { retention: Retention; now: Date },
): Promise<DiskForecast | null> {
  const today = dayOf(now)
  const history = await readHistory(db, today)
  const newest = history.at(-1)
  if (newest === undefined) return null
  const growth: Growth = {
    today,
    freeBytes: newest.freeBytes,
    partitions: await readPartitionSizes(db),
    ...(await readRest(db, history)),
    retention,
  }
  const { bytesPerDay, fullOn, advice } = forecast(growth)
  const { databaseBytes, freeBytes, measuredAt } = newest
  return {
    databaseBytes,
    freeBytes,
    capacityBytes: freeBytes === null ? null : databaseBytes + freeBytes,
    bytesPerDay,
    fullOn,
    advice,
    measuredAt,
  }
}

interface Measured {
  day: Day
  databaseBytes: number
  /** Of it, what no dropped day gives back. */
  restBytes: number
  freeBytes: number | null
  measuredAt: Date
}

/** The last days, oldest first. */
async function readHistory(db: Db, today: Day): Promise<readonly Measured[]> {
  const rows = await db.execute<MeasuredRecord>(sql`
    SELECT to_char(day, 'YYYY-MM-DD') AS day, database_bytes::float8, partition_bytes::float8, free_bytes::float8,
      extract(epoch FROM measured_at)::float8 * 1000 AS measured_ms
    FROM disk_day
    WHERE day BETWEEN ${addDays(today, -GROWTH_DAYS)}::date AND ${addDays(today, 1)}::date
    ORDER BY day`)
  return rows.map(({ day, database_bytes, partition_bytes, free_bytes, measured_ms }) => ({
    day,
    databaseBytes: database_bytes,
    restBytes: database_bytes - partition_bytes,
    freeBytes: free_bytes,
    measuredAt: new Date(measured_ms),
  }))
}

interface MeasuredRecord extends Record<string, unknown> {
  day: Day
  database_bytes: number
  partition_bytes: number
  free_bytes: number | null
  measured_ms: number
}

/** What of the rest is there for good: the others grow until what they hold is as old as it gets. */
const LASTING = ['issue', 'grouping', 'issue_hour', 'issue_tag', 'session_hour', 'activity', 'keeper']

async function readRest(db: Db, history: readonly Measured[]): Promise<Pick<Growth, 'restPerDay' | 'lastingShare'>> {
  const [first, last] = [history[0], history.at(-1)]
  if (first === undefined || last === undefined || first === last) return { restPerDay: 0, lastingShare: 1 }
  const days = (Date.parse(last.day) - Date.parse(first.day)) / DAY_MS
  const restPerDay = Math.max(0, (last.restBytes - first.restBytes) / days)
  const [row] = await db.execute<{ bytes: number }>(sql`
    SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0)::float8 AS bytes
    FROM json_array_elements_text(${JSON.stringify(LASTING)}::json) AS name`)
  return { restPerDay, lastingShare: Math.min(1, (row?.bytes ?? 0) / Math.max(1, last.restBytes)) }
}

const DAY_MS = 24 * 60 * 60 * 1000
