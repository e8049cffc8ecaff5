import type { Sql } from 'postgres'
import { addDays, dayOf } from './day.ts'
import { partitionName } from './partitioned-tables.ts'

/**
 * How many days after today archives can be written for, without a gap; -1 when not even today. Days are UTC.
 * One short query on the catalog; a health check reads its last result.
 */
export async function daysAhead(sql: Sql, now: Date): Promise<number> {
  const rows = await sql<{ name: string }[]>`
    SELECT relname AS name
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'archive'::regclass AND NOT inhdetachpending`
  const partitions = new Set(rows.map(({ name }) => name))
  const today = dayOf(now)
  let ahead = -1
  while (partitions.has(partitionName('archive', addDays(today, ahead + 1)))) ahead++
  return ahead
}
