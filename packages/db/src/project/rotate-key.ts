import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project_key } from '../tables/project.ts'
import { randomPublicKey } from './create-project.ts'
import { lockProject } from './lock-project.ts'

/**
 * Gives a project a new DSN key and revokes all others, at once; null: there is no such project. The new key has the
 * highest of their rate limits, none of its own where one of them had none: nobody may send less than before.
 */
export async function rotateKey(db: Db, projectId: ProjectId): Promise<PublicKey | null> {
  return await db.transaction(async (tx) => {
    const id = await lockProject(tx, projectId)
    if (id === null) return null
    const replaced = await tx
      .update(project_key)
      .set({ revoked_at: sql`now()` })
      .where(and(eq(project_key.project_id, id), isNull(project_key.revoked_at)))
      .returning({ rate: project_key.rate_limit_per_sec })
    const publicKey = randomPublicKey()
    await tx
      .insert(project_key)
      .values({ project_id: id, public_key: publicKey, rate_limit_per_sec: highest(replaced.map(({ rate }) => rate)) })
    return publicKey
  })
}

/** 0 is no limit at all, null the one of the settings. */
function highest(rates: readonly (number | null)[]): number | null {
  if (rates.includes(0)) return 0
  const limits = rates.filter((rate) => rate !== null)
  return limits.length === rates.length && limits.length > 0 ? Math.max(...limits) : null
}
