import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'

/** A statement of this many takes a tenth of a second. */
const CHUNK_ROWS = 20_000
const HOUR_MS = 60 * 60 * 1000

/**
 * Moves the rows of the ledger that were recorded in finished hours into `outcome_hour`. Each chunk is one statement, so
 * that a sum over both tables in one snapshot is the same before, meanwhile and after. Any number of processes may do it at
 * once: rows that one of them has are skipped by the others. What is committed late, in an hour that was moved already, is
 * added by the next call. Between two chunks it heeds `signal`. Gives the number of rows moved.
 */
export async function compactOutcomes(db: Db, now: Date, signal?: AbortSignal): Promise<number> {
  const thisHour = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS)
  const days = await db.execute<{ day: Day }>(sql`
    SELECT DISTINCT day FROM outcome WHERE recorded_at < ${thisHour.toISOString()} ORDER BY day`)
  let total = 0
  for (const { day } of days) {
    let moved: number
    do {
      if (signal?.aborted) return total
      moved = await moveChunk(db, day, thisHour)
      total += moved
    } while (moved > 0)
  }
  return total
}

/**
 * Rows have no key of their own; their place in the day's partition is one while they are locked. The hours are written in
 * the order gateways add to them in: in another one they could wait for each other.
 */
async function moveChunk(db: Db, day: Day, before: Date): Promise<number> {
  const [row] = await db.execute<{ moved: number }>(sql`
    WITH finished AS MATERIALIZED (
      SELECT ctid AS place FROM outcome
      WHERE day = ${day} AND recorded_at < ${before.toISOString()}
      LIMIT ${CHUNK_ROWS}
      FOR UPDATE SKIP LOCKED
    ),
    moved AS (
      DELETE FROM outcome AS o
      USING finished
      WHERE o.day = ${day} AND o.ctid = finished.place
      RETURNING o.project_id, o.recorded_at, o.item_type, o.outcome, o.reason, o.quantity
    ),
    added AS (
      INSERT INTO outcome_hour (project_id, hour, item_type, outcome, reason, quantity)
      SELECT project_id, date_trunc('hour', recorded_at, 'UTC') AS hour, item_type, outcome, coalesce(reason, '') AS reason,
        sum(quantity)
      FROM moved
      GROUP BY 1, 2, 3, 4, 5
      ORDER BY 1, 2, 3, 4, 5
      ON CONFLICT (project_id, hour, item_type, outcome, reason)
      DO UPDATE SET quantity = outcome_hour.quantity + excluded.quantity
    )
    SELECT count(*)::int AS moved FROM moved`)
  return row?.moved ?? 0
}
