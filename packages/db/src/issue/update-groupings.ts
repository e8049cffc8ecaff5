import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { grouping } from '../tables/issue.ts'
import { type GroupingRef, groupingRef } from './lock-issues.ts'

/** What the new events of a grouping add up to, by themselves. */
export interface GroupingUpdate {
  project_id: ProjectId
  id: number
  /** The one that is locked. */
  issue_id: number
  event_count: number
  level: number
  first_seen: Date
  last_seen: Date
  first_release: string | null
  first_release_at: Date | null
  last_release: string | null
  last_release_at: Date | null
}

const COLUMNS = [
  'project_id',
  'id',
  'issue_id',
  'event_count',
  'level',
  'first_seen',
  'last_seen',
  'first_release',
  'first_release_at',
  'last_release',
  'last_release_at',
] as const satisfies (keyof GroupingUpdate)[]

/**
 * Adds new events to groupings whose issues this transaction has locked, and gives the `groupingRef` of each that still
 * points there. One that is not in the answer was moved to another issue before the lock was got.
 *
 * The moments and releases of the earliest and the newest event stay; of events of one moment the more severe level counts,
 * and the releases in the order of their bytes, as for the issue.
 */
export async function updateGroupings(tx: Tx, updates: readonly GroupingUpdate[]): Promise<ReadonlySet<string>> {
  if (updates.length === 0) return new Set()
  const isFirst = sql`(r.first_release_at, r.first_release COLLATE "C")
    < (grouping.first_release_at, grouping.first_release COLLATE "C")`
  const isLast = sql`(r.last_release_at, r.last_release COLLATE "C")
    > (grouping.last_release_at, grouping.last_release COLLATE "C")`
  const rows = await tx.execute<{ project_id: ProjectId; id: string }>(sql`
    UPDATE grouping
    SET
      event_count = grouping.event_count + r.event_count,
      level = CASE
        WHEN r.last_seen < grouping.last_seen THEN grouping.level
        WHEN r.last_seen = grouping.last_seen THEN greatest(grouping.level, r.level)
        ELSE r.level
      END,
      first_seen = least(grouping.first_seen, r.first_seen),
      last_seen = greatest(grouping.last_seen, r.last_seen),
      first_release = CASE WHEN grouping.first_release IS NULL OR ${isFirst} THEN r.first_release ELSE grouping.first_release END,
      first_release_at = least(grouping.first_release_at, r.first_release_at),
      last_release = CASE WHEN grouping.last_release IS NULL OR ${isLast} THEN r.last_release ELSE grouping.last_release END,
      last_release_at = greatest(grouping.last_release_at, r.last_release_at)
    FROM ${recordset(grouping, COLUMNS, updates)}
    WHERE grouping.project_id = r.project_id AND grouping.id = r.id AND grouping.issue_id = r.issue_id
    RETURNING grouping.project_id, grouping.id`)
  const refs = rows.map(({ project_id, id }): GroupingRef => ({ project_id, grouping_id: Number(id) }))
  return new Set(refs.map(groupingRef))
}
