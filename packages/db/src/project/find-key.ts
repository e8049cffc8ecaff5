import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project, project_key } from '../tables/project.ts'
import { projectIdOf } from './create-project.ts'

export interface KeyOwner {
  projectId: ProjectId
  /** Of the jobs this project's events become: higher goes first. */
  priority: number
}

/**
 * The projects a DSN key opens: active ones where it is not revoked. Usually one; the same key may stand in several,
 * and then the address decides. Empty: nobody's key.
 */
export async function findKey(db: Db, publicKey: PublicKey): Promise<readonly KeyOwner[]> {
  const rows = await db
    .select({
      id: project.id,
      priority: project.priority,
      status: project.status,
      revokedAt: project_key.revoked_at,
    })
    .from(project_key)
    .innerJoin(project, eq(project.id, project_key.project_id))
    .where(eq(project_key.public_key, publicKey))
  return rows
    .filter((row) => row.revokedAt === null && row.status === 'active')
    .map((row) => ({ projectId: projectIdOf(row.id), priority: row.priority }))
}
