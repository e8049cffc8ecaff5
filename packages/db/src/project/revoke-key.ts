import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project_key } from '../tables/project.ts'
import { lockProject } from './lock-project.ts'

/** Makes a DSN key open its project no more; one that was revoked before keeps the time of it. */
export async function revokeKey(
  db: Db,
  { projectId, publicKey }: { projectId: ProjectId; publicKey: PublicKey },
): Promise<'revoked' | 'unknown_project' | 'unknown_key'> {
  return await db.transaction(async (tx) => {
    const id = await lockProject(tx, projectId)
    if (id === null) return 'unknown_project'
    const revoked = await tx
      .update(project_key)
      .set({ revoked_at: sql`coalesce(${project_key.revoked_at}, now())` })
      .where(and(eq(project_key.project_id, id), eq(project_key.public_key, publicKey)))
      .returning({ publicKey: project_key.public_key })
    return revoked.length > 0 ? 'revoked' : 'unknown_key'
  })
}
