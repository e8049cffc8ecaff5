import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { asc, eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project_key } from '../tables/project.ts'
import { lockProject } from './lock-project.ts'

export interface ListedKey {
  publicKey: PublicKey
  createdAt: Date
  revokedAt: Date | null
  /** Requests a second; null: what the settings say, 0: no limit. */
  ratePerSec: number | null
}

/** A project's DSN keys, revoked ones included, oldest first; null: there is no such project. */
export async function listKeys(db: Db, projectId: ProjectId): Promise<readonly ListedKey[] | null> {
  return await db.transaction(async (tx) => {
    const id = await lockProject(tx, projectId)
    if (id === null) return null
    const rows = await tx
      .select()
      .from(project_key)
      .where(eq(project_key.project_id, id))
      .orderBy(asc(project_key.created_at), asc(project_key.public_key))
    return rows.map((row) => ({
      // Keys get into the table through verbs that take a checked one.
      publicKey: row.public_key as PublicKey,
      createdAt: row.created_at,
      revokedAt: row.revoked_at,
      ratePerSec: row.rate_limit_per_sec,
    }))
  })
}
