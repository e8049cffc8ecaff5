import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { isNotNull } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project_key } from '../tables/project.ts'
import { randomPublicKey } from './create-project.ts'
import { lockProject } from './lock-project.ts'

export type CreatedKey = { kind: 'created'; publicKey: PublicKey } | { kind: 'unknown_project' } | { kind: 'taken' }

/**
 * Gives a project one more DSN key, random unless given. A given one that the project had and revoked is valid again: that
 * is how a mistaken revocation is undone, when the key is in apps nobody can change any more.
 */
export async function createKey(
  db: Db,
  { projectId, publicKey = randomPublicKey() }: { projectId: ProjectId; publicKey?: PublicKey },
): Promise<CreatedKey> {
  return await db.transaction(async (tx) => {
    const id = await lockProject(tx, projectId)
    if (id === null) return { kind: 'unknown_project' }
    const created = await tx
      .insert(project_key)
      .values({ project_id: id, public_key: publicKey })
      .onConflictDoUpdate({
        target: [project_key.project_id, project_key.public_key],
        set: { revoked_at: null },
        setWhere: isNotNull(project_key.revoked_at),
      })
      .returning({ publicKey: project_key.public_key })
    return created.length > 0 ? { kind: 'created', publicKey } : { kind: 'taken' }
  })
}
