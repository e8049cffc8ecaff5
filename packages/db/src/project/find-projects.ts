import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'

/** A project as far as moving archives concerns it. */
export interface FoundProject {
  id: ProjectId
  slug: string
  status: 'active' | 'deleting'
  /** Of its jobs. */
  priority: number
  /** Null: as long as everybody's. */
  retentionDays: number | null
}

/** The projects of these numbers that are there, in any state. */
export async function findProjects(db: Db, ids: readonly ProjectId[]): Promise<readonly FoundProject[]> {
  if (ids.length === 0) return []
  // As text: a number from elsewhere may be larger than any of ours can be.
  return await db.execute<FoundRecord>(sql`
    SELECT id::text AS id, slug, status, priority, retention_days AS "retentionDays"
    FROM project
    WHERE id::text IN (SELECT json_array_elements_text(${JSON.stringify(ids)}::json))
    ORDER BY project.id`)
}

/** Which archives are meant; null: of all, from the first, to the last. */
export interface ArchiveScope {
  projectId: ProjectId | null
  since: Day | null
  until: Day | null
}

/** The projects with archives in the scope. Those of Rumen's own are there only when asked for by number. */
export async function findArchivedProjects(
  db: Db,
  { projectId, since, until }: ArchiveScope,
): Promise<readonly FoundProject[]> {
  return await db.execute<FoundRecord>(sql`
    SELECT id::text AS id, slug, status, priority, retention_days AS "retentionDays"
    FROM project
    WHERE status = 'active'
      AND ${projectId === null ? sql`NOT is_hidden` : sql`id::text = ${projectId}`}
      AND EXISTS (
        SELECT FROM archive
        WHERE archive.project_id = project.id AND body IS NOT NULL
          AND day BETWEEN coalesce(${since}::date, '-infinity') AND coalesce(${until}::date, 'infinity')
      )
    ORDER BY project.id`)
}

interface FoundRecord extends FoundProject, Record<string, unknown> {}
