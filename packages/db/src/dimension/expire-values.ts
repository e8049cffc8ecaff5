import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Db } from '../connect.ts'
import { addDays, type Day } from '../partition/day.ts'
import { oldestDay } from '../partition/oldest-day.ts'
import { DIMENSIONS } from './dimensions.ts'

/** A statement of this many takes a tenth of a second; whoever wants to use one of its values waits that long. */
const BATCH_ROWS = 10_000

/**
 * Removes the values that nothing can name any more: those last used the day before the oldest day of reports and
 * transactions, or earlier. That day in between is for a worker that remembers an id since before midnight, and for
 * clocks. Any number of processes may call it, while values are inserted and used; between two batches it heeds `signal`.
 * Gives the number of values removed.
 */
export async function expireValues(db: Db, signal?: AbortSignal): Promise<number> {
  const oldest = await oldestDay(db, ['report', 'transaction_event'])
  if (oldest === null) return 0
  let total = 0
  for (const { table, expires } of DIMENSIONS.values()) {
    if (!expires) continue
    let removed: number
    do {
      if (signal?.aborted) return total
      removed = await removeBefore(db, table, addDays(oldest, -1))
      total += removed
    } while (removed > 0)
  }
  return total
}

/** A row that is being touched is left alone; one that was touched since it was found does not fit the condition any more. */
async function removeBefore(db: Db, table: PgTable, day: Day): Promise<number> {
  const { count } = await db.execute(sql`
    WITH unused AS MATERIALIZED (
      SELECT project_id, id FROM ${table}
      WHERE last_day < ${day}
      ORDER BY last_day
      LIMIT ${BATCH_ROWS}
      FOR UPDATE SKIP LOCKED
    )
    DELETE FROM ${table} AS d
    USING unused
    WHERE d.project_id = unused.project_id AND d.id = unused.id AND d.last_day < ${day}`)
  return count
}
