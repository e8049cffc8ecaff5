import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { GroupingUpdate } from '../issue/update-groupings.ts'
import { recordset } from '../recordset.ts'
import { grouping } from '../tables/issue.ts'

const COLUMNS = [
  'project_id',
  'id',
  'event_count',
  'last_seen',
  'last_release_at',
] as const satisfies (keyof GroupingUpdate)[]

/**
 * Takes events out of groupings whose issues this transaction has locked, and whose reports have left. One without events has
 * nothing to tell any more; of any other the newest report that is left tells what the newest one told. When it was first seen
 * stays: what was counted before the oldest report is no less true than before.
 */
export async function takeEvents(tx: Tx, taken: readonly GroupingUpdate[]): Promise<void> {
  if (taken.length === 0) return
  await tx.execute(sql`
    UPDATE grouping
    SET
      event_count = greatest(0, grouping.event_count - rest.event_count),
      level = CASE WHEN rest.is_empty THEN NULL ELSE coalesce(rest.level, grouping.level) END,
      first_seen = CASE WHEN rest.is_empty THEN NULL ELSE grouping.first_seen END,
      last_seen = CASE WHEN rest.is_empty THEN NULL ELSE coalesce(rest.last_seen, grouping.last_seen) END,
      first_release = CASE WHEN rest.is_empty THEN NULL ELSE grouping.first_release END,
      first_release_at = CASE WHEN rest.is_empty THEN NULL ELSE grouping.first_release_at END,
      last_release = CASE WHEN rest.is_empty THEN NULL ELSE coalesce(rest.last_release, grouping.last_release) END,
      last_release_at = CASE WHEN rest.is_empty THEN NULL ELSE coalesce(rest.last_release_at, grouping.last_release_at) END
    FROM (
      SELECT place.*, newest.level, newest.occurred_at AS last_seen,
        released.value AS last_release, released.occurred_at AS last_release_at
      FROM (
        SELECT r.project_id, r.id, r.event_count, known.event_count <= r.event_count AS is_empty,
          known.event_count > r.event_count AND r.last_seen >= known.last_seen AS was_newest,
          known.event_count > r.event_count AND r.last_release_at >= known.last_release_at AS was_released
        FROM ${recordset(grouping, COLUMNS, taken)}
        JOIN grouping AS known ON known.project_id = r.project_id AND known.id = r.id
      ) AS place
      LEFT JOIN LATERAL (
        SELECT report.level, report.occurred_at
        FROM report
        WHERE place.was_newest AND report.project_id = place.project_id AND report.grouping_id = place.id
        ORDER BY report.occurred_at DESC, report.level DESC
        LIMIT 1
      ) AS newest ON true
      LEFT JOIN LATERAL (
        SELECT dim_release.value, report.occurred_at
        FROM report
        JOIN dim_release ON dim_release.project_id = report.project_id AND dim_release.id = report.release_id
        WHERE place.was_released AND report.project_id = place.project_id AND report.grouping_id = place.id
        ORDER BY report.occurred_at DESC, dim_release.value COLLATE "C" DESC
        LIMIT 1
      ) AS released ON true
    ) AS rest
    WHERE grouping.project_id = rest.project_id AND grouping.id = rest.id`)
}
