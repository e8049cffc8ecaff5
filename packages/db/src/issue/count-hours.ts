import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { issue_hour } from '../tables/issue.ts'

/** Events of a grouping received in one hour. */
export interface HourOfGrouping {
  project_id: ProjectId
  grouping_id: number
  /** Its beginning. */
  hour: Date
  event_count: number
}

/** Adds to the hours of groupings whose issues this transaction has locked; no two of them are the same hour. */
export async function countHours(tx: Tx, hours: readonly HourOfGrouping[]): Promise<void> {
  if (hours.length === 0) return
  await tx.execute(sql`
    INSERT INTO issue_hour (project_id, grouping_id, hour, event_count)
    SELECT r.project_id, r.grouping_id, r.hour, r.event_count
    FROM ${recordset(issue_hour, ['project_id', 'grouping_id', 'hour', 'event_count'], hours)}
    ORDER BY r.project_id, r.grouping_id, r.hour
    ON CONFLICT (project_id, grouping_id, hour)
    DO UPDATE SET event_count = issue_hour.event_count + excluded.event_count`)
}
