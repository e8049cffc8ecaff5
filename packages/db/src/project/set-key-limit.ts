import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { and, eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project_key } from '../tables/project.ts'
import { lockProject } from './lock-project.ts'

/** Sets the requests a second a DSN key may send; null: what the settings say, 0: no limit. */
export async function setKeyLimit(
  db: Db,
  { projectId, publicKey }: { projectId: ProjectId; publicKey: PublicKey },
  ratePerSec: number | null,
): Promise<'set' | 'unknown_project' | 'unknown_key'> {
  return await db.transaction(async (tx) => {
    const id = await lockProject(tx, projectId)
    if (id === null) return 'unknown_project'
    const set = await tx
      .update(project_key)
      .set({ rate_limit_per_sec: ratePerSec })
      .where(and(eq(project_key.project_id, id), eq(project_key.public_key, publicKey)))
      .returning({ publicKey: project_key.public_key })
    return set.length > 0 ? 'set' : 'unknown_key'
  })
}
