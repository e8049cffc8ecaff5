import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/** Those of the projects that take nothing any more: they are being deleted, or are gone. */
export async function findGone(db: Db, projectIds: readonly ProjectId[]): Promise<ReadonlySet<ProjectId>> {
  const active = await db.execute<{ id: ProjectId }>(sql`
    SELECT id FROM project
    WHERE id IN (SELECT json_array_elements_text(${JSON.stringify(projectIds)}::json)::bigint) AND status = 'active'`)
  const ids = new Set(active.map(({ id }) => id))
  return new Set(projectIds.filter((projectId) => !ids.has(projectId)))
}
