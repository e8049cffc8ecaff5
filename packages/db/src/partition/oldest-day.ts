import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import type { Day } from './day.ts'
import type { PartitionedTable } from './partitioned-tables.ts'

/** The oldest day any of the tables has a partition of, one being detached included; null when there is none. */
export async function oldestDay(db: Db | Tx, tables: readonly PartitionedTable[]): Promise<Day | null> {
  const [row] = await db.execute<{ day: Day | null }>(sql`
    SELECT to_char(min(to_date(substring(child.relname FROM '\\d{8}$'), 'YYYYMMDD')), 'YYYY-MM-DD') AS day
    FROM pg_inherits
    JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent IN (SELECT name::regclass FROM json_array_elements_text(${JSON.stringify(tables)}::json) AS name)`)
  return row?.day ?? null
}
