import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db } from '../connect.ts'
import { isShown } from '../retention/is-shown.ts'

/** An event that was digested: whose it is, what it belongs to, and where it came from. */
export interface FoundReport {
  /** Its slug. */
  project: string
  /** `slug-number` */
  issue: string
  title: string
  archive: ArchiveAddress
}

/** The reports of an event id that are shown, one for each project that has one, in the order of their projects. */
export async function findReports(db: Db, eventId: EventId): Promise<readonly FoundReport[]> {
  const rows = await db.execute<ReportRecord>(sql`
    SELECT project.slug, project.slug || '-' || issue.number AS issue, issue.title,
      report.project_id, to_char(report.day, 'YYYY-MM-DD') AS day, encode(report.archive_hash, 'hex') AS hash
    FROM project
    JOIN report ON report.project_id = project.id AND report.event_id = ${eventId}::uuid AND ${isShown('report')}
    JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = report.grouping_id
    JOIN issue
      ON issue.project_id = report.project_id AND issue.id = grouping.issue_id AND issue.status <> 'deleting'
    ORDER BY project.id`)
  return rows.map(({ slug, issue, title, project_id, day, hash }) => ({
    project: slug,
    issue,
    title,
    archive: { projectId: project_id, day, hash },
  }))
}

interface ReportRecord extends Record<string, unknown> {
  slug: string
  issue: string
  title: string
  project_id: ProjectId
  day: string
  hash: string
}
