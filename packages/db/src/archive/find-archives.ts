import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { addDays, type Day, dayOf } from '../partition/day.ts'
import { oldestDay } from '../partition/oldest-day.ts'
import type { ArchiveAddress } from './archive-row.ts'

export interface ArchiveQuestion {
  /** The first hexadecimal characters of a hash, at most 64 of them. */
  hashPrefix: string
  /** Null: any. */
  projectId: ProjectId | null
  day: Day | null
  countMax: number
}

/**
 * The archives whose hashes begin like that, oldest first, at most so many. The same bytes may have come to several projects,
 * or on several days.
 */
export async function findArchives(
  db: Db,
  { hashPrefix, projectId, day, countMax }: ArchiveQuestion,
): Promise<readonly ArchiveAddress[]> {
  const oldest = day ?? (await oldestDay(db, ['archive']))
  if (oldest === null) return []
  // A gateway whose clock is ahead is in another day already.
  const newest = day ?? addDays(dayOf(new Date()), 1)
  const [from, to] = ['0', 'f'].map((digit) => hashPrefix.padEnd(64, digit))
  // By its key in each day of each project: there is no index on hashes alone, and the limit keeps the planner to it.
  const rows = await db.execute<{ project_id: ProjectId; day: Day; hash: string }>(sql`
    SELECT found.project_id, to_char(found.day, 'YYYY-MM-DD') AS day, encode(found.hash, 'hex') AS hash
    FROM (SELECT id FROM project ${projectId === null ? sql`` : sql`WHERE id = ${projectId}`}) AS scope
    CROSS JOIN generate_series(${oldest}::date, ${newest}::date, interval '1 day') AS at
    CROSS JOIN LATERAL (
      SELECT archive.project_id, archive.day, archive.hash FROM archive
      WHERE archive.project_id = scope.id AND archive.day = at::date
        AND archive.hash BETWEEN decode(${from}, 'hex') AND decode(${to}, 'hex')
      LIMIT ${countMax}
    ) AS found
    ORDER BY found.day, found.project_id, found.hash
    LIMIT ${countMax}`)
  return rows.map(({ project_id, ...rest }) => ({ projectId: project_id, ...rest }))
}
