import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { PARTITIONED_TABLES } from '../partition/partitioned-tables.ts'
import type { PartitionSize } from './forecast.ts'

/** What each day of each table takes, with indexes and what is stored out of line. An empty day has its indexes' pages. */
export async function readPartitionSizes(db: Db): Promise<readonly PartitionSize[]> {
  return await db.execute<PartitionSize & Record<string, unknown>>(sql`
    SELECT parent.name AS table, to_char(to_date(substring(child.relname FROM '\\d{8}$'), 'YYYYMMDD'), 'YYYY-MM-DD') AS day,
      coalesce(pg_total_relation_size(child.oid), 0)::float8 AS bytes
    FROM json_array_elements_text(${JSON.stringify(PARTITIONED_TABLES)}::json) AS parent(name)
    JOIN pg_inherits ON inhparent = parent.name::regclass
    JOIN pg_class AS child ON child.oid = inhrelid`)
}
