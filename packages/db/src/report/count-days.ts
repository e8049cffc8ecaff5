import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { transact } from '../transact.ts'

/**
 * Counts the reports of each day that changed since it was counted, by project, level, platform, release and environment, so that an
 * analyst's question about a month of them reads some thousand rows instead of a million. Which days changed the server's own
 * statistics tell: neither the digest nor whoever corrects reports later has to note anything. What they do not tell yet is
 * counted by the next call. Days whose reports are gone go first. A day that fails keeps no other from its turn; then it throws. Between
 * two days it heeds `signal`; gives the number of days counted.
 */
export async function countDays(db: Db, signal?: AbortSignal): Promise<number> {
  await transact(db, forgetDays)
  const failures: unknown[] = []
  let counted = 0
  for (const { day, changes } of await changedDays(db)) {
    if (signal?.aborted) return counted
    try {
      await transact(db, (tx) => countDay(tx, day, changes))
      counted++
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} days could not be counted`)
  return counted
}

/** For one day: tens of millions of reports take a minute. */
const COUNT_SECONDS_MAX = 600

/**
 * `changes` is read before the day is counted: what is committed in between is counted now, and once more by the next call. A crash
 * of the server begins its statistics anew; then every day is counted again.
 */
async function changedDays(db: Db): Promise<readonly { day: Day; changes: number }[]> {
  return await db.execute<{ day: Day; changes: number }>(sql`
    SELECT to_char(partition.day, 'YYYY-MM-DD') AS day, partition.changes
    FROM (
      SELECT to_date(right(child.relname, 8), 'YYYYMMDD') AS day,
        (
          pg_stat_get_tuples_inserted(child.oid) + pg_stat_get_tuples_updated(child.oid) + pg_stat_get_tuples_deleted(child.oid)
        )::float8 AS changes
      FROM pg_inherits
      JOIN pg_class AS child ON child.oid = inhrelid
      WHERE inhparent = 'report'::regclass AND NOT inhdetachpending
    ) AS partition
    LEFT JOIN report_day_counted AS known ON known.day = partition.day
    WHERE known.changes IS DISTINCT FROM partition.changes
      OR known.counted_at < (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database())
    ORDER BY partition.day DESC`)
}

/** Rows that stay as they are are not written again: a day that goes on is counted every hour. */
async function countDay(tx: Tx, day: Day, changes: number): Promise<void> {
  await tx.execute(sql`SELECT set_config('statement_timeout', ${`${COUNT_SECONDS_MAX}s`}, true)`)
  await tx.execute(sql`
    WITH counted AS MATERIALIZED (
      SELECT project_id, coalesce(platform_id, 0) AS platform_id, coalesce(release_id, 0) AS release_id,
        coalesce(environment_id, 0) AS environment_id, level, count(*) AS event_count
      FROM report
      WHERE day = ${day}::date
      GROUP BY 1, 2, 3, 4, 5
    ),
    gone AS (
      DELETE FROM report_day AS known
      WHERE known.day = ${day}::date AND NOT EXISTS (
        SELECT FROM counted
        WHERE counted.project_id = known.project_id AND counted.platform_id = known.platform_id
          AND counted.release_id = known.release_id AND counted.environment_id = known.environment_id
          AND counted.level = known.level
      )
    )
    INSERT INTO report_day (day, project_id, platform_id, release_id, environment_id, level, event_count)
    SELECT ${day}::date, project_id, platform_id, release_id, environment_id, level, event_count
    FROM counted
    ORDER BY project_id, platform_id, release_id, environment_id, level
    ON CONFLICT (project_id, day, platform_id, release_id, environment_id, level)
    DO UPDATE SET event_count = excluded.event_count WHERE report_day.event_count <> excluded.event_count`)
  await tx.execute(sql`
    INSERT INTO report_day_counted (day, changes, counted_at)
    VALUES (${day}::date, ${changes}, clock_timestamp())
    ON CONFLICT (day) DO UPDATE SET changes = excluded.changes, counted_at = excluded.counted_at`)
}

/** Of days that were dropped. */
async function forgetDays(tx: Tx): Promise<void> {
  const isGone = sql`NOT EXISTS (
    SELECT FROM pg_inherits
    JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = 'report'::regclass AND child.relname = 'report_' || to_char(known.day, 'YYYYMMDD')
  )`
  await tx.execute(sql`
    DELETE FROM report_day WHERE day IN (SELECT day FROM report_day_counted AS known WHERE ${isGone})`)
  await tx.execute(sql`DELETE FROM report_day_counted AS known WHERE ${isGone}`)
}
