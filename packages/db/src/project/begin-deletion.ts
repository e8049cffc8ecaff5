import type { ProjectId } from '@rumen/protocol/brand'
import { and, eq, not, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project, project_key } from '../tables/project.ts'

/**
 * Makes a project `deleting`: from this commit on gateways refuse its keys, nobody is shown it and nothing is digested for
 * it. `finishDeletions` deletes what it has. One that is being deleted already stays as it is.
 */
export async function beginDeletion(db: Db, projectId: ProjectId): Promise<'deleting' | 'unknown_project'> {
  const id = Number(projectId)
  if (!Number.isSafeInteger(id)) return 'unknown_project'
  return await db.transaction(async (tx) => {
    // Waits for those who are just adding to its counts, and everybody after them finds it deleting.
    const rows = await tx
      .select({ status: project.status })
      .from(project)
      .where(and(eq(project.id, id), not(project.is_hidden)))
      .for('update')
    const [row] = rows
    if (!row) return 'unknown_project'
    if (row.status === 'deleting') return 'deleting'
    await tx.update(project).set({ status: 'deleting', deleting_since: sql`now()` }).where(eq(project.id, id))
    await tx
      .update(project_key)
      .set({ revoked_at: sql`coalesce(${project_key.revoked_at}, now())` })
      .where(eq(project_key.project_id, id))
    return 'deleting'
  })
}
