import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'

/** The days archives are kept of, oldest first, between two, which may be null for none. */
export async function archiveDays(
  db: Db,
  { since, until }: { since: Day | null; until: Day | null },
): Promise<readonly Day[]> {
  const rows = await db.execute<{ day: Day }>(sql`
    SELECT to_char(kept.day, 'YYYY-MM-DD') AS day
    FROM (
      SELECT to_date(substring(child.relname FROM '\\d{8}$'), 'YYYYMMDD') AS day
      FROM pg_inherits
      JOIN pg_class AS child ON child.oid = inhrelid
      WHERE inhparent = 'archive'::regclass AND NOT inhdetachpending
    ) AS kept
    WHERE kept.day >= coalesce(${since}::date, kept.day) AND kept.day <= coalesce(${until}::date, kept.day)
    ORDER BY kept.day`)
  return rows.map(({ day }) => day)
}
