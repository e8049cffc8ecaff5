import type { ProjectId } from '@rumen/protocol/brand'
import { eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project } from '../tables/project.ts'
import { lockProject } from './lock-project.ts'

/** Sets for how many UTC days a project's events are kept, today among them; null: as long as all others'. */
export async function setRetention(
  db: Db,
  projectId: ProjectId,
  days: number | null,
): Promise<'set' | 'unknown_project'> {
  return await db.transaction(async (tx) => {
    const id = await lockProject(tx, projectId)
    if (id === null) return 'unknown_project'
    const isProject = eq(project.id, id)
    const [row] = await tx.select({ days: project.retention_days }).from(project).where(isProject)
    // An UPDATE without a change would still tell every gateway to forget its keys.
    if (row?.days !== days) await tx.update(project).set({ retention_days: days }).where(isProject)
    return 'set'
  })
}
