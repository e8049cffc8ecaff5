import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project, project_key } from '../tables/project.ts'
import { projectIdOf } from './create-project.ts'

/** Event-bearing requests a project may send in one minute, hour and calendar month (UTC); null: as many as come. */
export interface Quotas {
  minute: number | null
  hour: number | null
  month: number | null
}

export interface KeyOwner {
  projectId: ProjectId
  /** Of the jobs this project's events become: higher goes first. */
  priority: number
  /** Requests a second of the project, and of this key; null: what the gateway's settings say. */
  projectRatePerSec: number | null
  keyRatePerSec: number | null
  quotas: Quotas
}

/**
 * The projects a DSN key opens: active ones where it is not revoked. Usually one; the same key may stand in several,
 * and then the address decides. Empty: nobody's key.
 */
export async function findKey(db: Db, publicKey: PublicKey): Promise<readonly KeyOwner[]> {
  const rows = await db
    .select({ project, key: project_key })
    .from(project_key)
    .innerJoin(project, eq(project.id, project_key.project_id))
    .where(eq(project_key.public_key, publicKey))
  return rows
    .filter((row) => row.key.revoked_at === null && row.project.status === 'active')
    .map((row) => ({
      projectId: projectIdOf(row.project.id),
      priority: row.project.priority,
      projectRatePerSec: row.project.rate_limit_per_sec,
      keyRatePerSec: row.key.rate_limit_per_sec,
      quotas: {
        minute: row.project.quota_per_minute,
        hour: row.project.quota_per_hour,
        month: row.project.quota_per_month,
      },
    }))
}
