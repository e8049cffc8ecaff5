import type { ProjectId } from '@rumen/protocol/brand'
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { addDays, type Day } from '../partition/day.ts'
import { oldestDay } from '../partition/oldest-day.ts'
import { DIMENSIONS, type Dimension } from './dimensions.ts'

/** A statement of this many takes a tenth of a second; whoever wants to use one of its values waits that long. */
const BATCH_ROWS = 10_000

/**
 * Removes the values that nothing can name any more: those last used the day before the oldest day of reports and other
 * items that name some, or earlier. That day in between is for a worker that remembers an id since before midnight, and for
 * clocks. What the hours of sessions name stays with them. Any number of processes may call it, while values are inserted
 * and used; between two batches it heeds `signal`. Gives the number of values removed.
 */
export async function expireValues(db: Db, signal?: AbortSignal): Promise<number> {
  const oldest = await oldestDay(db, ['report', 'transaction_event', 'check_in'])
  if (oldest === null) return 0
  let total = 0
  for (const dimension of DIMENSIONS.values()) {
    if (!dimension.expires) continue
    let removed: number
    do {
      if (signal?.aborted) return total
      removed = await removeBefore(db, dimension, addDays(oldest, -1))
      total += removed
    } while (removed > 0)
  }
  return total
}

/** The same of one project, whose reports before `oldest` were deleted while those of others stay. */
export async function expireValuesOf(
  db: Db,
  { projectId, oldest }: { projectId: ProjectId; oldest: Day },
  signal?: AbortSignal,
): Promise<number> {
  let total = 0
  for (const dimension of DIMENSIONS.values()) {
    if (!dimension.expires) continue
    // By id, not by day: in the order of days those of all other projects would be read again with each batch.
    let after = 0
    for (let found = BATCH_ROWS; found === BATCH_ROWS; ) {
      if (signal?.aborted) return total
      const batch = await removeNext(db, dimension, { projectId, day: addDays(oldest, -1), after })
      total += batch.removed
      ;({ found, last: after } = batch)
    }
  }
  return total
}

/** A row that is being touched is left alone; one that was touched since it was found does not fit the condition any more. */
async function removeBefore(db: Db, dimension: Dimension, day: Day): Promise<number> {
  const { table } = dimension
  const { count } = await db.execute(sql`
    WITH unused AS MATERIALIZED (
      SELECT project_id, id FROM ${table} AS d
      WHERE last_day < ${day} AND ${isUnnamed(dimension)}
      ORDER BY last_day
      LIMIT ${BATCH_ROWS}
      FOR UPDATE OF d SKIP LOCKED
    )
    DELETE FROM ${table} AS d
    USING unused
    WHERE d.project_id = unused.project_id AND d.id = unused.id AND d.last_day < ${day}`)
  return count
}

async function removeNext(
  db: Db,
  dimension: Dimension,
  { projectId, day, after }: { projectId: ProjectId; day: Day; after: number },
): Promise<{ removed: number; found: number; last: number }> {
  const { table } = dimension
  const [row] = await db.execute<{ removed: number; found: number; last: number }>(sql`
    WITH unused AS MATERIALIZED (
      SELECT project_id, id FROM ${table} AS d
      WHERE project_id = ${projectId} AND id > ${after} AND last_day < ${day} AND ${isUnnamed(dimension)}
      ORDER BY id
      LIMIT ${BATCH_ROWS}
      FOR UPDATE OF d SKIP LOCKED
    ),
    removed AS (
      DELETE FROM ${table} AS d
      USING unused
      WHERE d.project_id = unused.project_id AND d.id = unused.id AND d.last_day < ${day}
      RETURNING d.id
    )
    SELECT (SELECT count(*) FROM removed)::int AS removed, count(*)::int AS found, coalesce(max(id), 0)::float8 AS last
    FROM unused`)
  return row ?? { removed: 0, found: 0, last: 0 }
}

/** Whether no hour of sessions names the value `d`. */
function isUnnamed({ namedByHours }: Dimension): SQL {
  if (namedByHours === null) return sql`true`
  return sql`NOT EXISTS (
    SELECT FROM session_hour AS h WHERE h.project_id = d.project_id AND h.${sql.identifier(namedByHours)} = d.id
  )`
}
