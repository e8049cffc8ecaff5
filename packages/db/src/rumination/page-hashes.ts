import type { ProjectId } from '@rumen/protocol/brand'
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'

/** Archives of a project that are digested again. */
export interface ArchivesOfDay {
  projectId: ProjectId
  day: Day
  /** Those that came in before; what came later was digested by whoever runs now. */
  before: Date
  /** Only those with a report in one of these groupings; null: all. */
  groupingIds: readonly number[] | null
}

/** The next hashes behind one (null: from the first on) in their order, at most so many. Erased archives are left out. */
export async function pageHashes(
  db: Db,
  archives: ArchivesOfDay,
  { after, countMax }: { after: string | null; countMax: number },
): Promise<readonly string[]> {
  const isBehind = after === null ? sql`` : sql`AND archive.hash > decode(${after}, 'hex')`
  const rows = await db.execute<{ hash: string }>(sql`
    SELECT encode(archive.hash, 'hex') AS hash
    FROM archive
    WHERE ${isOneOf(archives)} ${isBehind}
    ORDER BY archive.hash
    LIMIT ${countMax}`)
  return rows.map(({ hash }) => hash)
}

/** How many there are. */
export async function countArchives(db: Db, archives: ArchivesOfDay): Promise<number> {
  const [row] = await db.execute<{ count: string }>(sql`SELECT count(*) FROM archive WHERE ${isOneOf(archives)}`)
  return Number(row?.count ?? 0)
}

/** How many reports that day's archives have, here or gone. */
export async function countReports(db: Db, { projectId, day, before, groupingIds }: ArchivesOfDay): Promise<number> {
  const isOfThem = groupingIds === null ? sql`` : sql`AND grouping_id IN ${setOf(groupingIds)}`
  const [row] = await db.execute<{ count: string }>(sql`
    SELECT count(*) FROM report
    WHERE project_id = ${projectId} AND day = ${day}::date AND received_at < ${before.toISOString()}::timestamptz ${isOfThem}`)
  return Number(row?.count ?? 0)
}

function setOf(ids: readonly number[]): SQL {
  return sql`(SELECT id::bigint FROM json_array_elements_text(${JSON.stringify(ids)}::json) AS wanted(id))`
}

function isOneOf({ projectId, day, before, groupingIds }: ArchivesOfDay): SQL {
  const isOfThem =
    groupingIds === null
      ? sql``
      : sql`AND archive.hash IN (
          SELECT report.archive_hash FROM report
          WHERE report.project_id = ${projectId} AND report.day = ${day}::date
            AND report.grouping_id IN ${setOf(groupingIds)}
        )`
  return sql`archive.project_id = ${projectId} AND archive.day = ${day}::date AND archive.body IS NOT NULL
    AND archive.received_at < ${before.toISOString()}::timestamptz ${isOfThem}`
}
