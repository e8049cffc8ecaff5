import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { GroupingUpdate } from '../issue/update-groupings.ts'
import { recordset } from '../recordset.ts'
import { grouping } from '../tables/issue.ts'

const COLUMNS = ['id', 'first_seen', 'first_release_at', 'last_release_at'] as const satisfies (keyof GroupingUpdate)[]

/**
 * After what some groupings were first seen by, or what their first or last release came from, is not so any more: reads it of
 * their reports again. Only where those are all that was ever counted: an older event that is gone was no less the first one,
 * and an heir goes on with what it has.
 */
export async function forgetFirst(tx: Tx, projectId: ProjectId, taken: readonly GroupingUpdate[]): Promise<void> {
  if (taken.length === 0) return
  await tx.execute(sql`
    UPDATE grouping
    SET
      first_seen = whole.first_seen,
      first_release = whole.first_release,
      first_release_at = whole.first_release_at,
      last_release = whole.last_release,
      last_release_at = whole.last_release_at
    FROM (
      SELECT known.id, count(*) AS events, min(report.occurred_at) AS first_seen,
        min(report.occurred_at) FILTER (WHERE dim_release.value IS NOT NULL) AS first_release_at,
        (
          array_agg(dim_release.value ORDER BY report.occurred_at, dim_release.value COLLATE "C")
          FILTER (WHERE dim_release.value IS NOT NULL)
        )[1] AS first_release,
        max(report.occurred_at) FILTER (WHERE dim_release.value IS NOT NULL) AS last_release_at,
        (
          array_agg(dim_release.value ORDER BY report.occurred_at DESC, dim_release.value COLLATE "C" DESC)
          FILTER (WHERE dim_release.value IS NOT NULL)
        )[1] AS last_release
      FROM ${recordset(grouping, COLUMNS, taken)}
      JOIN grouping AS known
        ON known.project_id = ${projectId} AND known.id = r.id AND known.adopted_from IS NULL
          AND (
            r.first_seen <= known.first_seen
            OR r.first_release_at <= known.first_release_at
            OR r.last_release_at >= known.last_release_at
          )
      JOIN report ON report.project_id = known.project_id AND report.grouping_id = known.id
      LEFT JOIN dim_release
        ON dim_release.project_id = report.project_id AND dim_release.id = report.release_id
      GROUP BY known.id
    ) AS whole
    WHERE grouping.project_id = ${projectId} AND grouping.id = whole.id AND grouping.event_count = whole.events`)
}
