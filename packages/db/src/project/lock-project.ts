import type { ProjectId } from '@rumen/protocol/brand'
import { and, eq } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { project } from '../tables/project.ts'

/**
 * Locks an active project's row, so that its keys and limits are changed by one after the other, and gives its id as a
 * column holds it; null: there is none, or it is being deleted.
 */
export async function lockProject(tx: Tx, projectId: ProjectId): Promise<number | null> {
  const id = Number(projectId)
  // Wider than an identity gets: no row, and an error of the driver's.
  if (!Number.isSafeInteger(id)) return null
  const [row] = await tx
    .select({ id: project.id })
    .from(project)
    .where(and(eq(project.id, id), eq(project.status, 'active')))
    .for('no key update')
  return row?.id ?? null
}
