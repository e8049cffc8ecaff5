import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import type { Person } from './person.ts'

/** Where feedback stands that was signed with one of the person's addresses. */
export async function findFeedback(db: Db, { projectId, names }: Person): Promise<readonly ArchiveAddress[]> {
  if (names.email.length === 0) return []
  const rows = await db.execute<{ day: Day; hash: string }>(sql`
    SELECT DISTINCT day::text AS day, encode(archive_hash, 'hex') AS hash FROM feedback
    WHERE project_id = ${projectId}::bigint
      AND email IN (SELECT json_array_elements_text(${JSON.stringify(names.email)}::json))`)
  return rows.map((row) => ({ projectId, ...row }))
}
