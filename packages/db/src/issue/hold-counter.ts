import type { ProjectId } from '@rumen/protocol/brand'
import { eq } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { project_counter } from '../tables/project.ts'

/**
 * Locks the counter of a project until the transaction ends: meanwhile nobody else makes groupings of it, or moves them to
 * other issues. Before any issue, as everywhere. A project nobody has is no error: it has no issues either.
 */
export async function holdCounter(tx: Tx, projectId: ProjectId): Promise<void> {
  const project = Number(projectId)
  if (!Number.isSafeInteger(project)) return
  await tx
    .select({ number: project_counter.issue_number })
    .from(project_counter)
    .where(eq(project_counter.project_id, project))
    .for('update')
}
