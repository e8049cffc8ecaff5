import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from './day.ts'
import { DROPPED, PARTITIONED_TABLES, type PartitionedTable } from './partitioned-tables.ts'

export interface PartitionDay extends Record<string, unknown> {
  table: PartitionedTable
  day: Day
  /** False: a drop was killed before its end, and the partition belongs to nothing any more. */
  isAttached: boolean
}

/** Every day of every partitioned table, oldest first; those being detached are among them. */
export async function listDays(db: Db): Promise<readonly PartitionDay[]> {
  return await db.execute<PartitionDay>(sql`
    SELECT name AS table, to_char(to_date(right(child.relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') AS day,
      inhrelid IS NOT NULL AS "isAttached"
    FROM json_array_elements_text(${JSON.stringify(PARTITIONED_TABLES)}::json) AS name
    JOIN pg_class AS parent ON parent.oid = name::regclass
    JOIN pg_class AS child
      ON child.relnamespace = parent.relnamespace AND child.relkind = 'r' AND child.relname ~ ('^' || name || '_\\d{8}$')
    LEFT JOIN pg_inherits ON inhrelid = child.oid AND inhparent = parent.oid
    WHERE inhrelid IS NOT NULL OR obj_description(child.oid, 'pg_class') = ${DROPPED}
    ORDER BY day, name`)
}
