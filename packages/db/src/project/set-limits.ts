import type { ProjectId } from '@rumen/protocol/brand'
import { eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project } from '../tables/project.ts'
import { lockProject } from './lock-project.ts'

export interface ProjectLimits {
  /** Requests a second; null: what the settings say, 0: no limit. */
  ratePerSec: number | null
  /** Requests with events in one minute, hour and calendar month, in UTC; null: as many as come. */
  quotaPerMinute: number | null
  quotaPerHour: number | null
  quotaPerMonth: number | null
}

/** Sets what is given, leaves the rest, and gives what holds then; null: there is no such project. */
export async function setLimits(
  db: Db,
  projectId: ProjectId,
  given: Partial<ProjectLimits>,
): Promise<ProjectLimits | null> {
  return await db.transaction(async (tx) => {
    const id = await lockProject(tx, projectId)
    if (id === null) return null
    // An UPDATE without a change would still tell every gateway to forget its keys.
    if (Object.keys(given).length > 0) await tx.update(project).set(columnsOf(given)).where(eq(project.id, id))
    const [row] = await tx.select().from(project).where(eq(project.id, id))
    return row
      ? {
          ratePerSec: row.rate_limit_per_sec,
          quotaPerMinute: row.quota_per_minute,
          quotaPerHour: row.quota_per_hour,
          quotaPerMonth: row.quota_per_month,
        }
      : null
  })
}

/** drizzle leaves out what is undefined. */
function columnsOf({ ratePerSec, quotaPerMinute, quotaPerHour, quotaPerMonth }: Partial<ProjectLimits>) {
  return {
    rate_limit_per_sec: ratePerSec,
    quota_per_minute: quotaPerMinute,
    quota_per_hour: quotaPerHour,
    quota_per_month: quotaPerMonth,
  }
}
