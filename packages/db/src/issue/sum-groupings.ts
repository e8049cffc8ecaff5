import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { IssueRow } from './hold-issue.ts'

/**
 * Makes the summary of issues this transaction has locked what their groupings add up to, after some were moved. One without
 * groupings has no events; its level and its moments stay, for a row must have some.
 *
 * `standing` are those that were there for people all the time: what they are muted for is a number of further events, not
 * those that moved.
 */
export async function sumGroupings(
  tx: Tx,
  issues: readonly Pick<IssueRow, 'project_id' | 'id'>[],
  standing: readonly Pick<IssueRow, 'id'>[],
): Promise<void> {
  const rows = issues.map(({ project_id, id }) => ({
    project_id,
    id,
    is_standing: standing.some((one) => one.id === id),
  }))
  await tx.execute(sql`
    UPDATE issue
    SET
      event_count = total.event_count,
      user_count = total.user_count,
      level = coalesce(total.level, issue.level),
      first_seen = coalesce(total.first_seen, issue.first_seen),
      last_seen = coalesce(total.last_seen, issue.last_seen),
      first_release = total.first_release,
      first_release_at = total.first_release_at,
      last_release = total.last_release,
      last_release_at = total.last_release_at,
      muted_until_count = issue.muted_until_count
        + CASE WHEN total.is_standing THEN total.event_count - issue.event_count ELSE 0 END
    FROM (
      SELECT r.*, summary.*, users.user_count
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS r(project_id bigint, id bigint, is_standing boolean)
      CROSS JOIN LATERAL (
        SELECT
          coalesce(sum(event_count), 0) AS event_count,
          (array_agg(level ORDER BY last_seen DESC, level DESC) FILTER (WHERE level IS NOT NULL))[1] AS level,
          min(first_seen) AS first_seen,
          max(last_seen) AS last_seen,
          (array_agg(first_release ORDER BY first_release_at, first_release COLLATE "C")
            FILTER (WHERE first_release IS NOT NULL))[1] AS first_release,
          min(first_release_at) AS first_release_at,
          (array_agg(last_release ORDER BY last_release_at DESC, last_release COLLATE "C" DESC)
            FILTER (WHERE last_release IS NOT NULL))[1] AS last_release,
          max(last_release_at) AS last_release_at
        FROM grouping
        WHERE grouping.project_id = r.project_id AND grouping.issue_id = r.id
      ) AS summary
      CROSS JOIN LATERAL (
        SELECT count(DISTINCT issue_user.user_key) AS user_count
        FROM grouping
        JOIN issue_user ON issue_user.project_id = grouping.project_id AND issue_user.grouping_id = grouping.id
        WHERE grouping.project_id = r.project_id AND grouping.issue_id = r.id
      ) AS users
    ) AS total
    WHERE issue.project_id = total.project_id AND issue.id = total.id`)
}
