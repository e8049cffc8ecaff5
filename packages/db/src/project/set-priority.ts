import type { ProjectId } from '@rumen/protocol/brand'
import { eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project } from '../tables/project.ts'
import { lockProject } from './lock-project.ts'

/** What the jobs of a project get in the queue; higher goes first. */
export const PRIORITIES = { critical: 20, high: 10, normal: 0, low: -10 } as const

export type Priority = keyof typeof PRIORITIES

/** Sets whose events go first from now on; what waits already keeps its place. */
export async function setPriority(
  db: Db,
  projectId: ProjectId,
  priority: Priority,
): Promise<'set' | 'unknown_project'> {
  return await db.transaction(async (tx) => {
    const id = await lockProject(tx, projectId)
    if (id === null) return 'unknown_project'
    const isProject = eq(project.id, id)
    const [row] = await tx.select({ priority: project.priority }).from(project).where(isProject)
    // An UPDATE without a change would still tell every gateway to forget its keys.
    if (row?.priority !== PRIORITIES[priority]) {
      await tx.update(project).set({ priority: PRIORITIES[priority] }).where(isProject)
    }
    return 'set'
  })
}
