import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { NewUsers } from '../issue/count-users.ts'

/**
 * Makes issues this transaction has locked what their groupings add up to, after events came to some and left others. Their
 * users, who may be a hundred thousand, are not counted again: `users` are those who came, and less than none who left.
 *
 * Status stays: what an issue is muted for is a number of further events, not those that moved.
 */
export async function addUpIssues(
  tx: Tx,
  projectId: ProjectId,
  issueIds: readonly number[],
  users: readonly NewUsers[],
): Promise<void> {
  const byIssue = Map.groupBy(users, ({ issue_id }) => issue_id)
  const rows = issueIds.map((id) => {
    return { id, users: byIssue.get(id)?.reduce((sum, one) => sum + one.users, 0) ?? 0 }
  })
  await tx.execute(sql`
    UPDATE issue
    SET
      event_count = total.event_count,
      user_count = greatest(0, issue.user_count + total.users),
      level = coalesce(total.level, issue.level),
      first_seen = coalesce(total.first_seen, issue.first_seen),
      last_seen = coalesce(total.last_seen, issue.last_seen),
      first_release = total.first_release,
      first_release_at = total.first_release_at,
      last_release = total.last_release,
      last_release_at = total.last_release_at,
      muted_until_count = issue.muted_until_count + total.event_count - issue.event_count
    FROM (
      SELECT r.*, summary.*
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS r(id bigint, users int)
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
        WHERE grouping.project_id = ${projectId} AND grouping.issue_id = r.id
      ) AS summary
    ) AS total
    WHERE issue.project_id = ${projectId} AND issue.id = total.id`)
}
